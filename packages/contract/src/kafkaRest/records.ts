import { z } from 'zod'

/** Records of Kafka REST v3. */

/** Standard base64 with its padding: anything else is a mistake of the sender, who would read other bytes back. */
const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'is not a base64 string')
  .refine((text) => text.length % 4 === 0, 'is not a base64 string: it lacks characters at its end')

const schemaFields = ['schema', 'schema_id', 'schema_version', 'subject', 'subject_name_strategy']
const noRegistry = 'there is no Schema Registry to look it up in. Send BINARY, JSON or STRING data without a schema'

/** A key or a value. Without a type the data is JSON; null data of any type is Kafka's null. */
const Data = z
  .looseObject({ type: z.string().default('JSON'), data: z.unknown().optional() })
  .superRefine((value, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message })
    const schemaField = schemaFields.find((field) => field in value)
    if (schemaField !== undefined) refuse(schemaField, noRegistry)
    const { type, data } = value
    if (['AVRO', 'JSONSCHEMA', 'PROTOBUF'].includes(type)) refuse('type', noRegistry)
    else if (!isDataType(type)) refuse('type', 'must be one of BINARY, JSON, STRING')
    else if (data != null && type === 'BINARY' && !Base64.safeParse(data).success) {
      refuse('data', 'is not a base64 string')
    } else if (data != null && type === 'STRING' && !(typeof data === 'string' && data.isWellFormed())) {
      refuse('data', 'is not a string')
    }
  })
  .transform(({ type, data }) => ({ type, data: data ?? null }) as TypedData)

const isDataType = (type: string) => ['BINARY', 'JSON', 'STRING'].includes(type)

/** A key or a value, checked. */
export type TypedData = { type: 'JSON'; data: unknown } | { type: 'BINARY' | 'STRING'; data: string | null }

export const ProduceRequest = z
  .object({
    partition_id: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .nullish(),
    headers: z.array(z.object({ name: z.string(), value: Base64.nullish() })).default([]),
    key: Data.nullish(),
    value: Data.nullish(),
    timestamp: z.iso.datetime({ offset: true }).nullish(),
  })
  .meta({ id: 'ProduceRequest' })

const Size = z.object({ type: z.string(), size: z.int() })

/** What became of a record. */
export const ProduceReport = z
  .object({
    error_code: z.int(),
    message: z.string().exactOptional(),
    cluster_id: z.string().exactOptional(),
    topic_name: z.string().exactOptional(),
    partition_id: z.int().exactOptional(),
    offset: z.int().exactOptional(),
    timestamp: z.string().exactOptional(),
    key: Size.exactOptional(),
    value: Size.exactOptional(),
  })
  .meta({ id: 'ProduceReport' })
