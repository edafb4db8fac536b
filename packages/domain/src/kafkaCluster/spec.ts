import type { EnvironmentId, KafkaClusterId, OrganizationId } from '../ids.ts'

export type Availability = 'SINGLE_ZONE' | 'MULTI_ZONE' | 'LOW' | 'HIGH'
export type ClusterType = 'Basic' | 'Standard' | 'Dedicated'
export type Cloud = 'AWS' | 'AZURE' | 'GCP'
export type Phase = 'PROVISIONING' | 'PROVISIONED' | 'FAILED'

/** What was asked for, as the planner needs it. */
export interface KafkaClusterSpec {
  id: KafkaClusterId
  organizationId: OrganizationId
  environmentId: EnvironmentId
  availability: Availability
  type: ClusterType
  /** Confluent Kafka Units of a Dedicated cluster. */
  cku: number | undefined
  deleted: boolean
}
