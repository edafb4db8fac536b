import { createPrisma } from '@tributary/database/database'
import type { ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'

/** What a request can name: one of everything, in one environment of an organization. */
export interface Ids {
  organizationId: string
  userId: string
  environmentId: string
  clusterId: string
  /** Owns the keys; has no roles. */
  serviceAccountId: string
  /** The principal of the bindings and of the client quota. */
  granteeId: string
  cloudKeyId: string
  clusterKeyId: string
  organizationBindingId: string
  environmentBindingId: string
  clusterBindingId: string
  topicBindingId: string
  clientQuotaId: string
  topicName: string
}

/** Each is made when it is asked for: a request names only what is in its own. */
export const crnOf = (ids: Ids) => ({
  get organization() {
    return `crn://confluent.cloud/organization=${ids.organizationId}`
  },
  get environment() {
    return `${this.organization}/environment=${ids.environmentId}`
  },
  get cluster() {
    return `${this.environment}/cloud-cluster=${ids.clusterId}`
  },
  get topic() {
    return `${this.cluster}/kafka=${ids.clusterId}/topic=orders`
  },
})

/** Makes what ids name, as an organization's administrator. */
export class Maker {
  readonly #cloud: ApiClient
  #count = 0

  constructor(cloud: ApiClient) {
    this.#cloud = cloud
  }

  /** A name that nothing has yet. */
  unique(): string {
    return `thing ${++this.#count} of ${process.hrtime.bigint()}`
  }

  serviceAccount = () => this.#made('/iam/v2/service-accounts', { display_name: this.unique() })

  cloudKey = ({ serviceAccountId }: Pick<Ids, 'serviceAccountId'>) =>
    this.#made('/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId } } })

  clusterKey = ({ serviceAccountId, clusterId }: Pick<Ids, 'serviceAccountId' | 'clusterId'>) =>
    this.#made('/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId }, resource: { id: clusterId } } })

  cluster = (environmentId: string) =>
    this.#made(
      '/cmk/v2/clusters',
      clusterSpec(environmentId, { display_name: this.unique(), deletion_protection: true }),
    )

  binding = (
    granteeId: string,
    crnPattern: string,
    role = crnPattern.includes('topic=') ? 'DeveloperRead' : 'MetricsViewer',
  ) => this.#made('/iam/v2/role-bindings', { principal: `User:${granteeId}`, role_name: role, crn_pattern: crnPattern })

  clientQuota = ({ clusterId, environmentId }: Pick<Ids, 'clusterId' | 'environmentId'>, granteeId: string) =>
    this.#made('/kafka-quotas/v1/client-quotas', {
      spec: {
        display_name: this.unique(),
        throughput: { ingress_byte_rate: '1000', egress_byte_rate: '1000' },
        cluster: { id: clusterId },
        environment: { id: environmentId },
        principals: [{ id: granteeId }],
      },
    })

  environment = () => this.#made('/org/v2/environments', { display_name: this.unique() })

  async #made(path: string, body: object): Promise<string> {
    const answer: ApiAnswer = await this.#cloud.post(path, body)
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
    return answer.body.id
  }
}

/** One of everything in an environment. */
export async function furnish(
  { databaseUrl }: Pick<TestInstallation, 'databaseUrl'>,
  { organizationId, administratorId, cloud }: Organization,
  environmentId: string,
): Promise<Ids> {
  const maker = new Maker(cloud)
  const clusterId = await maker.cluster(environmentId)
  const [serviceAccountId, granteeId] = await Promise.all([maker.serviceAccount(), maker.serviceAccount()])
  const topicName = `orders-${clusterId}`
  const known = {
    organizationId,
    userId: administratorId,
    environmentId,
    clusterId,
    serviceAccountId,
    granteeId,
    topicName,
  }
  const crn = crnOf({ ...nothing, ...known })
  const keys = { cloudKeyId: await maker.cloudKey(known), clusterKeyId: await maker.clusterKey(known) }
  await knowTopic(databaseUrl, { organizationId, clusterId, name: topicName })
  return {
    ...known,
    ...keys,
    organizationBindingId: await maker.binding(await maker.serviceAccount(), crn.organization),
    environmentBindingId: await maker.binding(granteeId, crn.environment),
    clusterBindingId: await maker.binding(granteeId, crn.cluster),
    topicBindingId: await maker.binding(granteeId, crn.topic),
    clientQuotaId: await maker.clientQuota(known, granteeId),
  }
}

/** As a worker that listed it. */
async function knowTopic(url: string, topic: { organizationId: string; clusterId: string; name: string }) {
  const prisma = createPrisma({ url, role: 'tributary_worker', maxConnections: 1 })
  try {
    await prisma.kafkaTopic.create({ data: { ...topic, partitionsCount: 1, replicationFactor: 1 } })
  } finally {
    await prisma.$disconnect()
  }
}

/** Ids of the same shape that nothing has. */
export const nothing: Ids = {
  organizationId: '00000000-0000-4000-8000-000000000000',
  userId: 'u-0000000',
  environmentId: 'env-0000000',
  clusterId: 'lkc-0000000',
  serviceAccountId: 'sa-0000000',
  granteeId: 'sa-0000001',
  cloudKeyId: 'AAAAAAAAAAAAAAAA',
  clusterKeyId: 'AAAAAAAAAAAAAAAB',
  organizationBindingId: 'rb-0000000',
  environmentBindingId: 'rb-0000001',
  clusterBindingId: 'rb-0000002',
  topicBindingId: 'rb-0000003',
  clientQuotaId: 'cq-0000000',
  topicName: 'orders-lkc-0000000',
}

/** The same, with other digits. */
export const absent = Object.fromEntries(
  Object.entries(nothing).map(([field, id]) => [field, id.replaceAll('0', '9').replaceAll('A', 'Z')]),
) as unknown as Ids
