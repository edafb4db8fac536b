import type { ProduceRequest, TypedData } from '@tributary/contract/kafkaRest/records'
import type { NewRecord } from '@tributary/kafka/records'
import type { z } from 'zod'

type Request = z.output<typeof ProduceRequest>

/** A record as Kafka writes it. */
export const encodeRecord = ({ partition_id, key, value, headers, timestamp }: Request): NewRecord => ({
  partition: partition_id ?? undefined,
  key: bytesOf(key),
  value: bytesOf(value),
  headers: headers.map(({ name, value: bytes }) => [
    Buffer.from(name, 'utf8'),
    bytes == null ? null : Buffer.from(bytes, 'base64'),
  ]),
  timestampMs: timestamp == null ? undefined : Date.parse(timestamp),
})

function bytesOf(part: TypedData | null | undefined): Buffer | null {
  if (part == null || part.data === null) return null
  switch (part.type) {
    case 'BINARY':
      return Buffer.from(part.data, 'base64')
    case 'STRING':
      return Buffer.from(part.data, 'utf8')
    case 'JSON':
      return Buffer.from(JSON.stringify(part.data), 'utf8')
  }
}
