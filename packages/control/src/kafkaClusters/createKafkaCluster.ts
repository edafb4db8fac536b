import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import { newId, type EnvironmentId } from '@tributary/domain/ids'
import { isMultiZone } from '@tributary/domain/kafkaCluster/brokers'
import type { Availability, Cloud, ClusterType } from '@tributary/domain/kafkaCluster/spec'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { Placement } from '../installation.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import {
  accessKind,
  clusterKind,
  configurationKind,
  kafkaClusterColumns,
  topicsKind,
  type KafkaCluster,
} from './kafkaCluster.ts'

export interface NewKafkaCluster {
  environmentId: EnvironmentId
  displayName: string
  availability: Availability
  cloud: Cloud
  region: string
  type: ClusterType
  cku: number | undefined
  maxEcku: number | undefined
  deletionProtection: boolean
}

/** Promises a cluster: one statement commits all that makes the workers build it. */
export async function createKafkaCluster(
  caller: Caller,
  placement: Placement,
  input: NewKafkaCluster,
): Promise<KafkaCluster> {
  refuseWhatDoesNotFit(placement, input)
  const change = sql`
    INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type, cku, max_ecku, deletion_protection)
    SELECT ${newId.kafkaCluster()}, organization_id, id, ${input.displayName}, ${input.availability}, ${input.cloud}, ${input.region},
           ${input.type}, ${input.cku ?? null}::int, ${input.maxEcku ?? null}::int, ${input.deletionProtection}
    FROM environments
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${input.environmentId} AND deleted_at IS NULL
    FOR SHARE
    RETURNING ${kafkaClusterColumns}`
  const publication = sql`
    INSERT INTO access_publications (cluster_id, organization_id) SELECT id, organization_id FROM change`
  const desired = desire(
    [clusterKind, accessKind, configurationKind, topicsKind],
    sql`SELECT id, organization_id FROM change`,
  )
  const committed = commit<KafkaCluster>(caller, { change, publication, desired })
  const [cluster] = await uniquelyNamed(input.displayName, committed)
  if (cluster === undefined) throw errors.invalid('There is no such environment.', { pointer: '/spec/environment/id' })
  return cluster
}

function refuseWhatDoesNotFit({ maxCku, zones }: Placement, { type, cku = 1, availability, region }: NewKafkaCluster) {
  if (type === 'Dedicated' && isMultiZone(availability) && cku < 2) {
    throw errors.invalid('A Dedicated cluster over several zones has at least 2 CKUs.', { pointer: '/spec/config/cku' })
  }
  if (cku > maxCku) {
    throw errors.noCapacity(`The region ${region} holds clusters of up to ${maxCku} CKUs.`, {
      pointer: '/spec/config/cku',
    })
  }
  if (isMultiZone(availability) && zones.length < 3) {
    throw errors.noCapacity(`The region ${region} has fewer than three zones.`, { pointer: '/spec/availability' })
  }
}
