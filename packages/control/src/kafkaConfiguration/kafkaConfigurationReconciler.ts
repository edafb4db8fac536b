import type { Prisma } from '@tributary/database/database'
import type { KafkaClusterId } from '@tributary/domain/ids'
import { ownersBrokerConfigNames } from '@tributary/domain/kafkaConfiguration/brokerConfigs'
import {
  planKafkaConfiguration,
  type DesiredKafkaConfiguration,
  type KafkaConfiguration,
  type KafkaConfigurationStep,
} from '@tributary/domain/kafkaConfiguration/planKafkaConfiguration'
import { quotasInside } from '@tributary/domain/kafkaConfiguration/quotasInside'
import { StepFailure, type Outcome, type Reconciler, type StepContext } from '@tributary/engine/reconciler'
import { alterBrokerConfigs, describeBrokerConfigs } from '@tributary/kafka/brokerConfigs'
import { describeClientQuotas, removeClientQuotas, setClientQuotas } from '@tributary/kafka/clientQuotas'
import { withSharedAdmin, type KafkaConnection } from '@tributary/kafka/connection'
import { hasKafkaError } from '@tributary/kafka/kafkaErrors'
import { readKeyUsage } from '@tributary/kafka/readKeyUsage'
import { assertNever } from '@tributary/kit/assertNever'
import { queryBy } from '../access/query.ts'
import { recordKeyUsage } from '../apiKeys/recordKeyUsage.ts'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from '../kafkaClusters/controlPlaneConnection.ts'
import { openFormation, withFormation } from '../kafkaClusters/formation.ts'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'

/**
 * Carries what is desired inside the brokers (client quotas, settings of all brokers) from Postgres to Kafka, and
 * looks now and then whether it is still so: what somebody changed there is put right. While it is there, it reads
 * what brokers have written of the use of keys.
 */
export interface KafkaConfigurationDependencies {
  prisma: Prisma
  installation: Installation
}

interface KafkaConfigurationState {
  clusterId: KafkaClusterId
  desired: DesiredKafkaConfiguration
  /** Undefined before the cluster is provisioned, and after it was deleted. */
  observed: KafkaConfiguration | undefined
  connection: KafkaConnection | undefined
  /** Up to where the use of keys is known. */
  usageOffset: bigint
}

/** Being provisioned rings; this is for a ring that got lost. */
const awaitClusterMs = 60_000
const driftCheckMs = 45_000

export function kafkaConfigurationReconciler(
  dependencies: KafkaConfigurationDependencies,
): Reconciler<KafkaConfigurationState, KafkaConfigurationStep> {
  return {
    kind: configurationKind,
    concurrency: 16,
    load: ({ id }) => loadConfiguration(id as KafkaClusterId, dependencies),
    plan: ({ desired, observed }) => planKafkaConfiguration(desired, observed),
    async execute(step, state, context): Promise<Outcome> {
      const { connection } = state
      switch (step.do) {
        case 'awaitCluster':
          return { next: 'checkAgain', afterMs: awaitClusterMs, waitingFor: 'the cluster to be provisioned' }
        case 'setClientQuotas':
          return tell(connection, (brokers) => setClientQuotas(brokers, step.quotas))
        case 'removeClientQuotas':
          return tell(connection, (brokers) => removeClientQuotas(brokers, step.quotas))
        case 'setBrokerConfigs':
          return tell(connection, (brokers) => setBrokerConfigs(brokers, step.configs))
        case 'removeBrokerConfigs':
          return tell(connection, (brokers) => removeBrokerConfigs(brokers, step.names))
        case 'forget':
          return { next: 'forget' }
        case 'settled':
          await followKeyUsage(state, context)
          return { next: 'settled', driftCheckAfterMs: driftCheckMs }
        default:
          return assertNever(step)
      }
    },
  }
}

/** Brokers that nobody uses are asked, and nothing is written. */
async function followKeyUsage(state: KafkaConfigurationState, { fenced }: StepContext): Promise<void> {
  const { clusterId, connection, usageOffset } = state
  if (connection === undefined) return
  const usage = await readKeyUsage(connection, usageOffset)
  if (usage.nextOffset === usageOffset) return
  await fenced((transaction) => recordKeyUsage(queryBy(transaction), clusterId, usage))
}

async function tell(
  connection: KafkaConnection | undefined,
  change: (connection: KafkaConnection) => Promise<void>,
): Promise<Outcome> {
  if (connection === undefined) throw new Error('brokers are to be told something before there are any')
  await change(connection)
  return { next: 'continue' }
}

/** Values were tried out before they were committed; brokers of another version may still take another view. */
async function setBrokerConfigs(connection: KafkaConnection, configs: Readonly<Record<string, string>>): Promise<void> {
  try {
    await alterBrokerConfigs(connection, configs, { validateOnly: false })
  } catch (error) {
    if (!hasKafkaError(error, 'INVALID_CONFIG') && !hasKafkaError(error, 'INVALID_REQUEST')) throw error
    const message = 'The brokers do not take one of the broker configs. Change it or delete it.'
    throw new StepFailure('user', 'InvalidBrokerConfig', message, { cause: error })
  }
}

const removeBrokerConfigs = (connection: KafkaConnection, names: readonly string[]) =>
  alterBrokerConfigs(connection, Object.fromEntries(names.map((name) => [name, undefined])), { validateOnly: false })

async function loadConfiguration(
  clusterId: KafkaClusterId,
  dependencies: KafkaConfigurationDependencies,
): Promise<KafkaConfigurationState> {
  const { prisma, installation } = dependencies
  const cluster = await prisma.kafkaCluster.findUniqueOrThrow({
    where: { id: clusterId },
    include: {
      ...withFormation,
      clientQuotas: { where: { deletedAt: null }, include: { principals: true } },
      brokerConfigs: true,
      publication: { select: { usageOffset: true } },
    },
  })
  const desired = {
    deleted: cluster.deletedAt !== null,
    provisioned: cluster.phase === 'PROVISIONED',
    quotas: quotasInside(
      clusterId,
      cluster.brokers.map(({ brokerId }) => brokerId),
      cluster.clientQuotas.map(({ principals, ingressByteRate, egressByteRate }) => ({
        principals: principals.map(({ principal }) => principal),
        ingressByteRate,
        egressByteRate,
      })),
    ),
    brokerConfigs: Object.fromEntries(cluster.brokerConfigs.map(({ name, value }) => [name, value])),
  }
  const known = { clusterId, desired, usageOffset: cluster.publication?.usageOffset ?? 0n }
  if (desired.deleted || !desired.provisioned) return { ...known, observed: undefined, connection: undefined }
  const formation = openFormation(cluster, installation)
  if (formation === undefined) return { ...known, observed: undefined, connection: undefined }
  const connection = await controlPlaneConnection(clusterId, formation)
  const [quotas, brokerConfigs] = await withSharedAdmin(connection, (shared) =>
    Promise.all([describeClientQuotas(shared), describeBrokerConfigs(shared, ownersBrokerConfigNames)]),
  )
  return { ...known, connection, observed: { quotas, brokerConfigs } }
}
