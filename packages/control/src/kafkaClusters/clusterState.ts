import type { Prisma } from '@tributary/database/database'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import { brokersFor, type BrokerPlacement } from '@tributary/domain/kafkaCluster/brokers'
import type { KafkaClusterObservation } from '@tributary/domain/kafkaCluster/planKafkaCluster'
import type { Availability, ClusterType, KafkaClusterSpec, Phase } from '@tributary/domain/kafkaCluster/spec'
import { askReadiness, type Readiness } from '@tributary/kafka/readiness'
import type { MemberObservation, Orchestrator } from '@tributary/orchestrators/contract'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from './controlPlaneConnection.ts'
import { findFormation, openFormation, type ClusterFormation } from './formation.ts'

export interface ClusterState {
  spec: KafkaClusterSpec
  desiredBrokers: readonly BrokerPlacement[]
  formation: ClusterFormation | undefined
  members: readonly MemberObservation[]
  readiness: Readiness
  observed: KafkaClusterObservation
}

export interface ClusterDependencies {
  prisma: Prisma
  orchestrator: Orchestrator
  installation: Installation
}

/** Desired and observed state of one cluster. */
export async function loadClusterState(id: string, dependencies: ClusterDependencies): Promise<ClusterState> {
  const { prisma, orchestrator, installation } = dependencies
  const row = await findFormation(prisma, id)
  const spec: KafkaClusterSpec = {
    id: row.id as KafkaClusterId,
    organizationId: row.organizationId,
    environmentId: row.environmentId as EnvironmentId,
    availability: row.availability as Availability,
    type: row.type as ClusterType,
    cku: row.cku ?? undefined,
    deleted: row.deletedAt !== null,
  }
  const formation = openFormation(row, installation)
  const workload = await orchestrator.observe(id)
  const running = workload?.members.filter(({ state }) => state === 'running').map((member) => member.id) ?? []
  const desiredBrokers = brokersFor(spec.availability, installation.placement.zones)
  const everyBrokerRuns = desiredBrokers.every((broker) => running.includes(broker.id))
  const readiness =
    !spec.deleted && formation !== undefined && everyBrokerRuns
      ? await askBrokers(id, formation, installation)
      : 'no answer'
  return {
    spec,
    desiredBrokers,
    formation,
    members: workload?.members ?? [],
    readiness,
    observed: {
      formation: formation?.state ?? 'unformed',
      phase: row.phase as Phase,
      prepared: formation?.brokers.map((broker) => broker.id) ?? [],
      workloadExists: workload !== undefined,
      running,
      ready: readiness === 'ready',
    },
  }
}

async function askBrokers(id: string, formation: ClusterFormation, installation: Installation): Promise<Readiness> {
  return askReadiness({
    connection: await controlPlaneConnection(id, formation),
    brokers: formation.brokers.map((broker) => ({ id: broker.id, external: broker.endpoints.external.listen })),
    installationCa: installation.authority.certificatePem,
  })
}
