import type { Prisma } from '@tributary/database/database'
import type { Formation } from '@tributary/domain/kafkaCluster/planKafkaCluster'
import type { BrokerConfiguration } from '@tributary/kafka/brokerConfiguration'
import type { CertificateAuthority } from '@tributary/kit/certificates'
import { unseal } from '@tributary/kit/seal'
import type { Installation } from '../installation.ts'

/** What a cluster is made of, once it was decided. */
export interface ClusterFormation {
  state: Exclude<Formation, 'unformed'>
  kafkaClusterId: string
  authority: CertificateAuthority
  brokers: readonly BrokerConfiguration[]
}

type FormationRow = Awaited<ReturnType<typeof findFormation>>

/** What a cluster's row must be found with to be opened. */
export const withFormation = {
  formation: true,
  brokers: { orderBy: { brokerId: 'asc' } },
  organization: { select: { wrappedDataKey: true } },
} as const

/** A cluster's row with all that it is made of. */
export const findFormation = (prisma: Prisma, id: string) =>
  prisma.kafkaCluster.findUniqueOrThrow({ where: { id }, include: withFormation })

/** What a formed cluster is made of; undefined before that was decided. */
export async function loadFormation(
  id: string,
  { prisma, installation }: { prisma: Prisma; installation: Installation },
): Promise<ClusterFormation | undefined> {
  return openFormation(await findFormation(prisma, id), installation)
}

export function openFormation(
  { id, organizationId, formation, brokers, organization }: FormationRow,
  { keyring }: Pick<Installation, 'keyring'>,
): ClusterFormation | undefined {
  if (formation === null) return undefined
  const dataKey = keyring.openDataKey(organizationId, Buffer.from(organization.wrappedDataKey))
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
