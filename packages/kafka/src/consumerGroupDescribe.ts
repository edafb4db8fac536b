import { createAPI, ProtocolError, Writer, type Connection, type Reader } from '@platformatic/kafka'

export interface DescribedConsumerGroup {
  id: string
  state: string
  assignor: string
  members: {
    id: string
    instanceId: string | null
    clientId: string
    assignments: { topic: string; partitions: number[] }[]
    /** Speaks the first protocol still. */
    isClassic: boolean
  }[]
}

/**
 * ConsumerGroupDescribe in version 1 (KIP-848, KIP-1099), which tells members of the two protocols apart:
 * the client has version 0 only. Groups that do not exist, or are of another type, are left out.
 */
export async function consumerGroupDescribeV1(broker: Connection, ids: string[]): Promise<DescribedConsumerGroup[]> {
  const described = await api.async(broker, ids)
  return described.flatMap(({ errorCode, ...group }) => {
    if (errorCode === groupIdNotFound) return []
    if (errorCode !== 0) throw new ProtocolError(errorCode)
    return [group]
  })
}

const groupIdNotFound = 69

const api = createAPI<[ids: string[]], (DescribedConsumerGroup & { errorCode: number })[]>(
  69,
  1,
  (ids: string[]) =>
    Writer.create()
      .appendArray(ids, (writer, id) => writer.appendString(id), true, false)
      .appendBoolean(false)
      .appendTaggedFields(),
  (_correlationId, _apiKey, _apiVersion, reader) => {
    reader.readInt32()
    const groups = reader.readArray(readGroup)
    reader.readTaggedFields()
    return groups
  },
)

function readGroup(reader: Reader) {
  const errorCode = reader.readInt16()
  reader.readNullableString()
  const id = reader.readString()
  const state = reader.readString()
  reader.readInt32()
  reader.readInt32()
  const assignor = reader.readString()
  const members = reader.readArray(readMember)
  reader.readInt32()
  return { errorCode, id, state, assignor, members }
}

function readMember(reader: Reader) {
  const id = reader.readString()
  const instanceId = reader.readNullableString()
  reader.readNullableString()
  reader.readInt32()
  const clientId = reader.readString()
  reader.readString()
  reader.readArray((each) => each.readString(), true, false)
  reader.readNullableString()
  const assignments = readAssignments(reader)
  readAssignments(reader)
  return { id, instanceId, clientId, assignments, isClassic: reader.readInt8() === 0 }
}

function readAssignments(reader: Reader) {
  const assignments = reader.readArray((each) => {
    each.readUUID()
    return { topic: each.readString(), partitions: each.readArray((index) => index.readInt32(), true, false) }
  })
  reader.readTaggedFields()
  return assignments
}
