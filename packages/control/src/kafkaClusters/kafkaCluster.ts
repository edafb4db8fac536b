import type { Availability, Cloud, ClusterType, Phase } from '@tributary/domain/kafkaCluster/spec'
import type { EnvironmentId, KafkaClusterId, OrganizationId } from '@tributary/domain/ids'
import type { Place } from '@tributary/domain/roles/place'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

/** A Kafka cluster as the control plane's users see it. */
export interface KafkaCluster extends Versioned {
  id: KafkaClusterId
  organization_id: OrganizationId
  environment_id: EnvironmentId
  display_name: string
  availability: Availability
  cloud: Cloud
  region: string
  type: ClusterType
  cku: number | null
  max_ecku: number | null
  deletion_protection: boolean
  phase: Phase
  provisioned_cku: number | null
  bootstrap_endpoint: string | null
  created_at: Date
  updated_at: Date
}

export const placeOfCluster = ({ environment_id, id }: Pick<KafkaCluster, 'environment_id' | 'id'>): Place => ({
  environmentId: environment_id,
  clusterId: id,
})

export const kafkaClusterColumns = raw(
  `id, organization_id, environment_id, display_name, availability, cloud, region, type, cku, max_ecku,
   deletion_protection, phase, provisioned_cku, bootstrap_endpoint, created_at, updated_at, version`,
)

/**
 * The kinds under which the engine looks after a cluster: what runs, who may use it, what brokers are told besides, and
 * which topics there are.
 */
export const clusterKind = 'kafka-cluster'
export const accessKind = 'kafka-access'
export const configurationKind = 'kafka-configuration'
export const topicsKind = 'kafka-topics'
