import type { Prisma } from '@tributary/database/database'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import { brokersFor, type BrokerPlacement } from '@tributary/domain/kafkaCluster/brokers'
import type { Formation, KafkaClusterObservation } from '@tributary/domain/kafkaCluster/planKafkaCluster'
import type { Availability, ClusterType, KafkaClusterSpec, Phase } from '@tributary/domain/kafkaCluster/spec'
import type { BrokerConfiguration } from '@tributary/kafka/brokerConfiguration'
import { isReady } from '@tributary/kafka/readiness'
import type { CertificateAuthority } from '@tributary/kit/certificates'
import { unseal } from '@tributary/kit/seal'
import type { MemberObservation, Orchestrator } from '@tributary/orchestrators/contract'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from './controlPlaneConnection.ts'

/** What a cluster is made of, once it was decided. */
export interface ClusterFormation {
  state: Exclude<Formation, 'unformed'>
  kafkaClusterId: string
  authority: CertificateAuthority
  brokers: readonly BrokerConfiguration[]
}

export interface ClusterState {
  spec: KafkaClusterSpec
  desiredBrokers: readonly BrokerPlacement[]
  formation: ClusterFormation | undefined
  members: readonly MemberObservation[]
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
  const formation = await openFormation(row, dependencies)
  const workload = await orchestrator.observe(id)
  const running = workload?.members.filter(({ state }) => state === 'running').map((member) => member.id) ?? []
  const desiredBrokers = brokersFor(spec.availability, installation.placement.zones)
  const everyBrokerRuns = desiredBrokers.every((broker) => running.includes(broker.id))
  return {
    spec,
    desiredBrokers,
    formation,
    members: workload?.members ?? [],
    observed: {
      formation: formation?.state ?? 'unformed',
      phase: row.phase as Phase,
      prepared: formation?.brokers.map((broker) => broker.id) ?? [],
      workloadExists: workload !== undefined,
      running,
      ready:
        !spec.deleted && formation !== undefined && everyBrokerRuns && (await askBrokers(id, formation, installation)),
    },
  }
}

type FormationRow = Awaited<ReturnType<typeof findFormation>>

const findFormation = (prisma: Prisma, id: string) =>
  prisma.kafkaCluster.findUniqueOrThrow({
    where: { id },
    include: { formation: true, brokers: { orderBy: { brokerId: 'asc' } } },
  })

/** What a formed cluster is made of; undefined before that was decided. */
export async function loadFormation(
  id: string,
  dependencies: Pick<ClusterDependencies, 'prisma' | 'installation'>,
): Promise<ClusterFormation | undefined> {
  return openFormation(await findFormation(dependencies.prisma, id), dependencies)
}

async function openFormation(
  { id, organizationId, formation, brokers }: FormationRow,
  { prisma, installation }: Pick<ClusterDependencies, 'prisma' | 'installation'>,
): Promise<ClusterFormation | undefined> {
  if (formation === null) return undefined
  const { wrappedDataKey } = await prisma.organization.findUniqueOrThrow({ where: { id: organizationId } })
  const dataKey = installation.keyring.openDataKey(organizationId, Buffer.from(wrappedDataKey))
  const privateKey = unseal(dataKey, Buffer.from(formation.sealedAuthorityKey), authorityKeyContext(id))
  return {
    state: formation.state as ClusterFormation['state'],
    kafkaClusterId: formation.kafkaClusterId,
    authority: { certificatePem: formation.authorityCertificate, privateKeyPem: privateKey.toString('utf8') },
    brokers: brokers.map((broker) => ({
      id: broker.brokerId,
      zone: broker.zone,
      directoryId: broker.directoryId,
      endpoints: broker.endpoints as unknown as BrokerConfiguration['endpoints'],
    })),
  }
}

/** Binds the sealed key of a cluster's authority to its row. */
export const authorityKeyContext = (clusterId: string) => `kafka-cluster/${clusterId}/authority-key`

async function askBrokers(id: string, formation: ClusterFormation, installation: Installation): Promise<boolean> {
  return isReady({
    connection: await controlPlaneConnection(id, formation),
    brokers: formation.brokers.map((broker) => ({ id: broker.id, external: broker.endpoints.external.listen })),
    installationCa: installation.authority.certificatePem,
  })
}
