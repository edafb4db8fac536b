import { z } from 'zod'

/** What every object of Confluent's cloud APIs looks like. */

export const Metadata = z.object({
  self: z.string(),
  resource_name: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
})

/** A reference as it is answered; of what a client sends in one, only `id` counts. */
export const Reference = z.object({
  id: z.string(),
  related: z.string(),
  resource_name: z.string(),
})

export const object = <ApiVersion extends string, Kind extends string, Fields extends z.ZodRawShape>(
  apiVersion: ApiVersion,
  kind: Kind,
  fields: Fields,
) =>
  z.object({
    api_version: z.literal(apiVersion),
    kind: z.literal(kind),
    id: z.string(),
    metadata: Metadata,
    ...fields,
  })

export const listOf = <ApiVersion extends string, Kind extends string, Item extends z.ZodType>(
  apiVersion: ApiVersion,
  kind: Kind,
  item: Item,
) =>
  z.object({
    api_version: z.literal(apiVersion),
    kind: z.literal(kind),
    /** `next` is left out on the last page: clients take null for a URL. */
    metadata: z.object({ first: z.string(), next: z.string().optional() }),
    data: z.array(item),
  })

export const CloudErrors = z
  .object({
    errors: z.array(
      z.object({
        id: z.string(),
        status: z.string(),
        code: z.string(),
        title: z.string(),
        detail: z.string(),
        source: z.object({ pointer: z.string().optional(), parameter: z.string().optional() }).optional(),
      }),
    ),
  })
  .meta({ id: 'CloudErrors' })
