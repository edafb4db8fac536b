import path from 'node:path'
import type { Configuration } from '@tributary/kit/configuration'
import { waitUntil } from '@tributary/kit/waitUntil'
import { z } from 'zod'
import { report, step } from '../progress.ts'
import { apiClient, ApiFailure, type ApiClient } from './apiClient.ts'
import { saveCredentials, type Credentials } from './credentials.ts'

export type FirstCluster = NonNullable<Credentials['cluster']>

const Cluster = z.object({
  id: z.string(),
  spec: z.object({
    display_name: z.string(),
    kafka_bootstrap_endpoint: z.string().optional(),
    http_endpoint: z.string().optional(),
  }),
  status: z.object({ phase: z.string() }),
})
const ClusterList = z.object({ data: z.array(Cluster) })
const CreatedKey = z.object({ id: z.string(), spec: z.object({ secret: z.string() }) })
const OwnedKey = z.object({ spec: z.object({ owner: z.object({ id: z.string() }) }) })

export const firstTopic = 'hello'
const displayName = 'first-cluster'
const provisioningTimeoutMs = 180_000
const returnTimeoutMs = 60_000

/**
 * Makes the first cluster, a key and a topic, or waits for them to be back. Whatever goes wrong with
 * them is said, and everything else runs on.
 */
export async function ensureFirstCluster(
  { home, localUrl }: Configuration,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Credentials> {
  const connect = (key: string, secret: string) => apiClient(localUrl, key, secret, signal)
  const cloud = connect(credentials.cloud_api_key, credentials.cloud_api_secret)
  const work = { credentials, cloud, connect, signal }
  if (credentials.cluster === null) return credentials
  try {
    const cluster = await (credentials.cluster === undefined
      ? step('creating your first Kafka cluster', () => create(work))
      : step('waiting for your first cluster', () => awaitReturn(credentials.cluster as FirstCluster, work)))
    const complete = { ...credentials, cluster }
    await saveCredentials(home, complete)
    return complete
  } catch (error) {
    if (signal.aborted) throw error
    report(`your first cluster is not ready: ${(error as Error).message} See ${path.join(home, 'logs/worker.log')}`)
    return credentials
  }
}

interface Work {
  credentials: Credentials
  cloud: ApiClient
  connect: (key: string, secret: string) => ApiClient
  signal: AbortSignal
}

/** Through the public API. Each call carries an Idempotency-Key of this installation, so a start that was cut short goes on where it was. */
async function create(work: Work): Promise<FirstCluster> {
  const { credentials, cloud, signal } = work
  const once = (what: string) => ({ 'idempotency-key': `first-start-${what}-${credentials.organization_id}` })
  const spec = {
    display_name: displayName,
    availability: 'SINGLE_ZONE',
    cloud: 'AWS',
    region: 'us-east-2',
    config: { kind: 'Basic' },
    environment: { id: credentials.environment_id },
  }
  const clusters = `/cmk/v2/clusters?environment=${credentials.environment_id}`
  const { id } = await cloud('POST', '/cmk/v2/clusters', { spec }, once('cluster'))
    .then((created) => Cluster.parse(created))
    .catch((error: unknown) =>
      // It was made by a start that was cut short so long ago that its answer is no longer repeated.
      error instanceof ApiFailure && error.status === 409 ? findByName(cloud, clusters, error) : Promise.reject(error),
    )
  const provisioned = await waitUntil(
    async () => {
      const cluster = Cluster.parse(await cloud('GET', clusterPath(id, credentials)))
      return cluster.status.phase === 'PROVISIONED' ? cluster : undefined
    },
    { timeoutMs: provisioningTimeoutMs, everyMs: 100, what: 'it to be provisioned', signal },
  )
  const own = OwnedKey.parse(await cloud('GET', `/iam/v2/api-keys/${credentials.cloud_api_key}`))
  const key = CreatedKey.parse(
    await cloud(
      'POST',
      '/iam/v2/api-keys',
      { spec: { display_name: 'first cluster key', owner: { id: own.spec.owner.id }, resource: { id } } },
      once('key'),
    ),
  )
  const cluster = { id, ...addresses(provisioned), api_key: key.id, api_secret: key.spec.secret }
  const kafka = await keyWorks(cluster, provisioningTimeoutMs, work)
  await kafka('POST', topicsPath(id), { topic_name: firstTopic, partitions_count: 3 }).catch((error: unknown) => {
    if (!(error instanceof ApiFailure) || !error.message.includes('40002')) throw error
  })
  return cluster
}

async function findByName(cloud: ApiClient, clusters: string, refusal: ApiFailure) {
  const { data } = ClusterList.parse(await cloud('GET', `${clusters}&page_size=100`))
  const named = data.find(({ spec }) => spec.display_name === displayName)
  if (named === undefined) throw refusal
  return named
}

/** Null when there is nothing to wait for: whoever deleted it does not want it back. */
async function awaitReturn(known: FirstCluster, work: Work): Promise<FirstCluster | null> {
  const { credentials, cloud } = work
  const cluster = await findUnlessDeleted(cloud, clusterPath(known.id, credentials))
  const key = await findUnlessDeleted(cloud, `/iam/v2/api-keys/${known.api_key}`)
  if (cluster === undefined || key === undefined) {
    const what = cluster === undefined ? `first cluster ${known.id}` : `first cluster's key ${known.api_key}`
    report(`your ${what} was deleted, so credentials.json no longer names it`)
    return null
  }
  const current = { ...known, ...addresses(Cluster.parse(cluster)) }
  await keyWorks(current, returnTimeoutMs, work)
  return current
}

const findUnlessDeleted = (cloud: ApiClient, path: string): Promise<unknown> =>
  cloud('GET', path).catch((error: unknown) => {
    if (error instanceof ApiFailure && error.status === 404) return undefined
    throw error
  })

const clusterPath = (id: string, { environment_id }: Credentials) =>
  `/cmk/v2/clusters/${id}?environment=${environment_id}`
const topicsPath = (clusterId: string) => `/kafka/v3/clusters/${clusterId}/topics`

const addresses = ({ spec }: z.infer<typeof Cluster>) => ({
  bootstrap: spec.kafka_bootstrap_endpoint ?? '',
  rest_endpoint: spec.http_endpoint ?? '',
})

async function keyWorks(
  { id, api_key, api_secret }: FirstCluster,
  timeoutMs: number,
  { connect, signal }: Work,
): Promise<ApiClient> {
  const kafka = connect(api_key, api_secret)
  await waitUntil(() => kafka('GET', topicsPath(id)), {
    timeoutMs,
    everyMs: 100,
    what: 'it to accept its key',
    signal,
  })
  return kafka
}
