import { setTimeout as delay } from 'node:timers/promises'
import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import type { KafkaClusterId } from '@tributary/domain/ids'
import { brokerConfigProblem, isOwnersBrokerConfig } from '@tributary/domain/kafkaConfiguration/brokerConfigs'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { alterBrokerConfigs } from '@tributary/kafka/brokerConfigs'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { Installation } from '../installation.ts'
import { insideConnection } from '../kafkaClusters/insideConnection.ts'
import { configurationKind, type KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

/** The value for all brokers of a cluster; undefined gives the config its default again. */
export interface BrokerConfigChange {
  name: string
  value: string | undefined
}

/**
 * Makes all of the changes desired, or none. Brokers try them out before: what they refuse changes nothing, and their
 * own errors are thrown. Resolves to what `awaitConfiguration` takes; undefined where they were only tried out.
 */
export async function changeBrokerConfigs(
  caller: Caller,
  cluster: KafkaCluster,
  changes: readonly BrokerConfigChange[],
  { installation, validateOnly }: { installation: Installation; validateOnly: boolean },
): Promise<bigint | undefined> {
  for (const { name, value } of changes) {
    if (!isOwnersBrokerConfig(name)) throw kafkaRestErrors.ownedByControlPlane(name)
    const problem = value === undefined ? undefined : brokerConfigProblem(name, value)
    if (problem !== undefined) throw kafkaRestErrors.invalid(problem)
  }
  const brokers = await insideConnection(caller, cluster.id, installation)
  if (brokers === undefined) throw errors.unavailable('This cluster is still being provisioned.', 5)
  // Kafka takes blanks around a value, and gives them back: what is desired and what is there could differ for ever.
  const wanted = Object.fromEntries(changes.map(({ name, value }) => [name, value?.trim()]))
  await alterBrokerConfigs(brokers, wanted, { validateOnly: true })
  return validateOnly ? undefined : makeDesired(caller, cluster.id, wanted)
}

async function makeDesired(
  caller: Caller,
  clusterId: KafkaClusterId,
  wanted: Readonly<Record<string, string | undefined>>,
): Promise<bigint> {
  const { organizationId } = caller
  const names = Object.keys(wanted)
  const set = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
  const cluster = sql`
    SELECT id, organization_id FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND id = ${clusterId} AND deleted_at IS NULL FOR SHARE`
  const taken = sql`
    DELETE FROM kafka_broker_configs
    WHERE cluster_id IN (SELECT id FROM desired) AND name = ANY(${names}::text[])
      AND name <> ALL(${set.map(({ name }) => name)}::text[])`
  const given = sql`
    INSERT INTO kafka_broker_configs (cluster_id, name, organization_id, value)
    SELECT desired.id, config.name, desired.organization_id, config.value
    FROM desired, unnest(${set.map(({ name }) => name)}::text[], ${set.map(({ value }) => value)}::text[]) AS config (name, value)
    ON CONFLICT (cluster_id, name) DO UPDATE SET value = excluded.value`
  const change = sql`SELECT id, organization_id, generation FROM desired`
  const parts = { desired: desire([configurationKind], cluster), taken, given, change }
  const [changed] = await commit<{ generation: bigint }>(caller, parts)
  if (changed === undefined) throw errors.notFound()
  return changed.generation
}

/** Returns when brokers have what was desired in that generation, or after a few seconds: promised it is. */
export async function awaitConfiguration(
  { scope }: Pick<Caller, 'scope'>,
  { id }: KafkaCluster,
  generation: bigint,
): Promise<void> {
  for (const deadline = performance.now() + longestWaitMs; performance.now() < deadline; await delay(25)) {
    const [observed] = await scope.query(sql`
      SELECT 1 FROM resources
      WHERE kind = ${configurationKind} AND id = ${id} AND observed_generation >= ${generation}`)
    if (observed !== undefined) return
  }
}

const longestWaitMs = 5000
