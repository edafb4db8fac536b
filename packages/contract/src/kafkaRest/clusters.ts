import { z } from 'zod'

/** Clusters of Kafka REST v3: a key sees the one that it is for. */

const Related = z.object({ related: z.string() })

export const KafkaCluster = z
  .object({
    kind: z.literal('KafkaCluster'),
    metadata: z.object({ self: z.string(), resource_name: z.string() }),
    cluster_id: z.string(),
    controller: Related,
    acls: Related,
    brokers: Related,
    broker_configs: Related,
    consumer_groups: Related,
    topics: Related,
    partition_reassignments: Related,
  })
  .meta({ id: 'KafkaCluster' })

export const KafkaClusterList = z.object({
  kind: z.literal('KafkaClusterList'),
  metadata: z.object({ self: z.string(), next: z.null() }),
  data: z.array(KafkaCluster),
})
