import { loadFormation } from '@tributary/control/kafkaClusters/formation'
import { controlPlaneConnection } from '@tributary/control/kafkaClusters/controlPlaneConnection'
import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { alterBrokerConfigs, describeBrokerConfigs } from '@tributary/kafka/brokerConfigs'
import { describeClientQuotas, removeClientQuotas, setClientQuotas } from '@tributary/kafka/clientQuotas'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { listTopics } from '@tributary/kafka/topics'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { ApiClient } from '@tributary/testkit/apiClient'
import { createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'

const kinds = [clusterKind, accessKind, configurationKind, topicsKind]
const desiredRates = { producer_byte_rate: 5_000_000, consumer_byte_rate: 6_000_000 }
const desiredConfig = { name: 'log.retention.ms', value: '3600000' }
const strangeConfig = { name: 'message.max.bytes', value: '1500000' }
const topic = 'a-topic'

/**
 * A provisioned cluster with a quota, a broker config and a topic, and what happens to it: each method makes the
 * workers do something that is over as soon as it is done, so that it can be asked for again.
 */
export class LivingCluster implements AsyncDisposable {
  readonly #installation: TestInstallation
  readonly #organization: Organization
  readonly #cluster: ProvisionedCluster
  readonly #prisma: Prisma
  readonly #inside: KafkaConnection
  readonly #account: string
  /** With a key of the cluster. */
  readonly #rest: ApiClient

  private constructor(fields: {
    installation: TestInstallation
    organization: Organization
    cluster: ProvisionedCluster
    prisma: Prisma
    inside: KafkaConnection
    account: string
    rest: ApiClient
  }) {
    this.#installation = fields.installation
    this.#organization = fields.organization
    this.#cluster = fields.cluster
    this.#prisma = fields.prisma
    this.#inside = fields.inside
    this.#account = fields.account
    this.#rest = fields.rest
  }

  /** While a worker runs. */
  static async furnish(installation: TestInstallation, organization: Organization, cluster: ProvisionedCluster) {
    const prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
    const { cloud, environmentId } = organization
    const account = (await cloud.post('/iam/v2/service-accounts', { display_name: 'somebody' })).body.id as string
    const { rest } = await createClusterKey(installation, organization, cluster)
    const kafka = `/kafka/v3/clusters/${cluster.id}`
    const answers = [
      await rest.post(`${kafka}/topics`, { topic_name: topic, partitions_count: 2 }),
      await rest.request('PUT', `${kafka}/broker-configs/${desiredConfig.name}`, {
        body: { value: desiredConfig.value },
      }),
      await cloud.post('/kafka-quotas/v1/client-quotas', {
        spec: {
          display_name: 'a quota',
          throughput: { ingress_byte_rate: '5000000', egress_byte_rate: '6000000' },
          principals: [{ id: account }],
          cluster: { id: cluster.id },
          environment: { id: environmentId },
        },
      }),
    ]
    const refused = answers.find(({ status }) => status >= 300)
    if (refused !== undefined) throw new Error(`refused: ${refused.text}`)
    const formation = await loadFormation(cluster.id, {
      prisma,
      installation: await openInstallation(installation.home),
    })
    if (formation === undefined) throw new Error('not formed')
    const inside = await controlPlaneConnection(cluster.id, formation)
    return new LivingCluster({ installation, organization, cluster, prisma, inside, account, rest })
  }

  /** Makes a worker look at it. */
  async touch(...touched: string[]): Promise<void> {
    const where = { id: this.#cluster.id, kind: { in: touched } }
    await this.#prisma.resource.updateMany({ where, data: { nextCheckAt: new Date(0) } })
  }

  /** As it was before it was provisioned; its brokers run. */
  async unprovision(...touched: string[]): Promise<void> {
    await this.#prisma.kafkaCluster.update({ where: { id: this.#cluster.id }, data: { phase: 'PROVISIONING' } })
    await this.touch(...touched)
  }

  /** As if the database were restored from a copy that is older than what runs. */
  async forgetTokens(): Promise<void> {
    await this.#prisma.$executeRaw`SELECT setval('lease_tokens', 1)`
  }

  async createKey(): Promise<string> {
    const spec = { owner: { id: this.#account }, resource: { id: this.#cluster.id } }
    const created = await this.#organization.cloud.post('/iam/v2/api-keys', { spec })
    if (created.status !== 202) throw new Error(`the key was refused: ${created.text}`)
    return created.body.id
  }

  async deleteKeys(): Promise<void> {
    const keys = await this.#prisma.apiKey.findMany({
      where: { resourceId: this.#cluster.id, ownerId: this.#account, deletedAt: null },
    })
    await Promise.all(keys.map(({ id }) => this.#organization.cloud.delete(`/iam/v2/api-keys/${id}`)))
  }

  async expireKey(): Promise<void> {
    await this.#prisma.apiKey.update({ where: { id: await this.createKey() }, data: { expiresAt: new Date() } })
    await this.touch(accessKind)
  }

  async compareAccess(): Promise<void> {
    await this.#prisma.accessPublication.update({ where: { clusterId: this.#cluster.id }, data: { verifiedAt: null } })
    await this.touch(accessKind)
  }

  async republishAccess(): Promise<void> {
    await this.#organization.cloud.post(`/tributary/v1/clusters/${this.#cluster.id}:republish-access`)
  }

  /** A broker writes down within a minute that a key was used; one that is killed before never does. */
  async readKeyUseAgain(): Promise<void> {
    await this.#rest.get(`/kafka/v3/clusters/${this.#cluster.id}/topics`)
    await this.#prisma.accessPublication.update({ where: { clusterId: this.#cluster.id }, data: { usageOffset: 0n } })
    await this.touch(configurationKind)
  }

  async loseQuota(): Promise<void> {
    const entity = { user: this.#account }
    await removeClientQuotas(this.#inside, [{ entity, names: Object.keys(desiredRates) }])
    await this.touch(configurationKind)
  }

  async addStrangeQuota(): Promise<void> {
    await setClientQuotas(this.#inside, [{ entity: { user: 'a-stranger' }, rates: { producer_byte_rate: 1_000_000 } }])
    await this.touch(configurationKind)
  }

  async loseConfig(): Promise<void> {
    await alterBrokerConfigs(this.#inside, { [desiredConfig.name]: undefined }, { validateOnly: false })
    await this.touch(configurationKind)
  }

  async addStrangeConfig(): Promise<void> {
    await alterBrokerConfigs(this.#inside, { [strangeConfig.name]: strangeConfig.value }, { validateOnly: false })
    await this.touch(configurationKind)
  }

  async loseCatalogue(): Promise<void> {
    await this.#prisma.kafkaTopic.deleteMany({ where: { clusterId: this.#cluster.id } })
    await this.touch(topicsKind)
  }

  async brokers(): Promise<number[]> {
    return processesIn(`${this.#installation.home}/workloads`)
  }

  async signalBrokers(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await this.brokers()) process.kill(pid, signal)
  }

  async observedAccess(): Promise<boolean> {
    const [row] = await this.#unobserved([accessKind])
    return row === undefined
  }

  /** Everything is as it was asked for, and written down so; otherwise what is not. */
  async complaint(): Promise<string | undefined> {
    const { id } = this.#cluster
    const unobserved = await this.#unobserved(kinds)
    if (unobserved.length > 0) return `not settled: ${unobserved.map(({ kind }) => kind).join()}`
    const cluster = await this.#prisma.kafkaCluster.findUniqueOrThrow({
      where: { id },
      include: { topics: true, publication: true },
    })
    if (cluster.phase !== 'PROVISIONED') return cluster.phase
    const running = await this.#prisma.step.findMany({ where: { resourceId: id, status: 'RUNNING' } })
    if (running.length > 0) return `running: ${running.map(({ kind, name }) => `${kind}:${name}`).join()}`
    if ((await this.#prisma.outboxEntry.count()) > 0) return 'rings are left'
    if ((await this.brokers()).length !== 1) return 'not one broker'
    const expired = { resourceId: id, deletedAt: null, expiresAt: { lt: new Date() } }
    if ((await this.#prisma.apiKey.count({ where: expired })) > 0) return 'an expired key'
    if (cluster.publication?.republishRequestedAt !== null) return 'access is to be published again'
    const configs = await describeBrokerConfigs(this.#inside, [desiredConfig.name, strangeConfig.name])
    const quotas = (await describeClientQuotas(this.#inside)).filter(({ entity }) =>
      [this.#account, 'a-stranger'].includes(entity.user ?? ''),
    )
    const inKafka = (await listTopics(this.#inside)).filter(({ name }) => !name.startsWith('__'))
    const found = {
      configs,
      quotas,
      topics: cluster.topics.map(({ name }) => name),
      inKafka: inKafka.map(({ name }) => name),
    }
    const wanted = {
      configs: { [desiredConfig.name]: desiredConfig.value },
      quotas: [{ entity: { user: this.#account }, rates: desiredRates }],
      topics: [topic],
      inKafka: [topic],
    }
    return sorted(found) === sorted(wanted) ? undefined : `not as wanted: ${sorted(found)}`
  }

  #unobserved(among: readonly string[]): Promise<{ kind: string }[]> {
    return this.#prisma.$queryRaw`
      SELECT kind FROM resources
      WHERE id = ${this.#cluster.id} AND kind = ANY(${among}::text[])
        AND NOT (observed_generation = generation AND lease_holder IS NULL AND failures = 0
                 AND conditions @> '[{"type": "Ready", "status": "True"}]' AND next_check_at > now())`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prisma.$disconnect()
  }
}

const sorted = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

export const until = <Found>(what: string, probe: () => Promise<Found | false> | Found | false, timeoutMs = 180_000) =>
  waitUntil(probe, { timeoutMs, everyMs: 50, what })
