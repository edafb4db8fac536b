import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import type { Availability, ClusterType } from '@tributary/domain/kafkaCluster/spec'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import { kafkaClusterColumns, type KafkaCluster } from './kafkaCluster.ts'
import { asRead, changed } from '../versions.ts'

export interface KafkaClusterChanges {
  displayName: string | undefined
  availability: Availability | undefined
  config: { type: ClusterType; cku: number | undefined; maxEcku: number | undefined } | undefined
  deletionProtection: boolean | undefined
}

/** Changes what is only written down: nothing that runs depends on it, so the workers are not called. */
export async function updateKafkaCluster(
  caller: Caller,
  cluster: KafkaCluster,
  changes: KafkaClusterChanges,
): Promise<KafkaCluster> {
  refuseWhatCannotChange(cluster, changes)
  const { displayName, config, deletionProtection } = changes
  const upgraded = config?.type === cluster.type ? undefined : config?.type
  const change = sql`
    UPDATE kafka_clusters
    SET display_name = coalesce(${displayName ?? null}::text, display_name),
        type = coalesce(${upgraded ?? null}::text, type),
        max_ecku = coalesce(${config?.maxEcku ?? null}::int, max_ecku),
        deletion_protection = coalesce(${deletionProtection ?? null}::boolean, deletion_protection), ${changed}
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${cluster.id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${kafkaClusterColumns}`
  const [updated] = await uniquelyNamed(displayName, commit<KafkaCluster>(caller, { change }))
  if (updated === undefined) throw errors.notFound()
  return updated
}

/** Basic becomes Standard and never back; Dedicated is a kind of its own, with a size that is not changed yet. */
function refuseWhatCannotChange({ type, availability, cku }: KafkaCluster, changes: KafkaClusterChanges) {
  const { config } = changes
  if (config !== undefined && config.type !== type && !(type === 'Basic' && config.type === 'Standard')) {
    throw errors.invalid(`A ${type} cluster cannot become ${config.type}. Only Basic can become Standard.`, {
      pointer: '/spec/config/kind',
    })
  }
  if (config?.type === 'Dedicated' && config.cku !== cku) {
    throw errors.notBuilt(`Changing the CKUs of a cluster (this one has ${cku})`, { pointer: '/spec/config/cku' })
  }
  if (changes.availability !== undefined && changes.availability !== availability) {
    throw errors.notBuilt(`Changing the availability of a cluster (this one is ${availability})`, {
      pointer: '/spec/availability',
    })
  }
}
