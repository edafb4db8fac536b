import { z } from 'zod'

/** The parts that objects of Kafka REST v3 have in common. */

export const Related = z.object({ related: z.string() })

export const ResourceMetadata = z.object({ self: z.string(), resource_name: z.string() })

/** Lists are not paged: `next` is always null. */
export const listOf = <const Kind extends string, Item extends z.ZodType>(kind: Kind, item: Item) =>
  z.object({
    kind: z.literal(kind),
    metadata: z.object({ self: z.string(), next: z.null() }),
    data: z.array(item),
  })
