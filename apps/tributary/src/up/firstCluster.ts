import type { Configuration } from '@tributary/kit/configuration'
import { waitUntil } from '@tributary/kit/waitUntil'
import { z } from 'zod'
import { saveCredentials, type Credentials } from './credentials.ts'

export type CompleteCredentials = Credentials & { cluster: NonNullable<Credentials['cluster']> }

const Cluster = z.object({
  id: z.string(),
  spec: z.object({ kafka_bootstrap_endpoint: z.string().optional(), http_endpoint: z.string().optional() }),
  status: z.object({ phase: z.string() }),
})
const ApiKey = z.object({ id: z.string(), spec: z.object({ secret: z.string() }) })

export const firstTopic = 'hello'

/**
 * Makes the first cluster, a key and a topic, through the public API as anyone else would. Each call
 * carries an Idempotency-Key of this installation, so a start that was cut short goes on where it was.
 */
export async function ensureFirstCluster(
  { home }: Configuration,
  credentials: Credentials,
  report: (progress: string) => void,
): Promise<CompleteCredentials> {
  const known = credentials.cluster
  if (known !== undefined) {
    report('waiting for your first cluster')
    await keyWorks(known)
    return { ...credentials, cluster: known }
  }
  const cloud = client(credentials.endpoint, credentials.cloud_api_key, credentials.cloud_api_secret)
  const once = (what: string) => ({ 'idempotency-key': `first-start-${what}-${credentials.organization_id}` })
  report('creating your first Kafka cluster')
  const spec = {
    display_name: 'first-cluster',
    availability: 'SINGLE_ZONE',
    cloud: 'AWS',
    region: 'us-east-2',
    config: { kind: 'Basic' },
    environment: { id: credentials.environment_id },
  }
  const created = Cluster.parse(await cloud('POST', '/cmk/v2/clusters', { spec }, once('cluster')))
  const provisioned = await waitUntil(
    async () => {
      const path = `/cmk/v2/clusters/${created.id}?environment=${credentials.environment_id}`
      const cluster = Cluster.parse(await cloud('GET', path))
      return cluster.status.phase === 'PROVISIONED' ? cluster : undefined
    },
    { timeoutMs: 120_000, everyMs: 100, what: 'the first cluster to be provisioned; see the worker log' },
  )
  const { principalId } = await ownerOf(cloud, credentials)
  const key = ApiKey.parse(
    await cloud(
      'POST',
      '/iam/v2/api-keys',
      { spec: { display_name: 'first cluster key', owner: { id: principalId }, resource: { id: created.id } } },
      once('key'),
    ),
  )
  const cluster = {
    id: created.id,
    bootstrap: provisioned.spec.kafka_bootstrap_endpoint ?? '',
    rest_endpoint: provisioned.spec.http_endpoint ?? '',
    api_key: key.id,
    api_secret: key.spec.secret,
  }
  await keyWorks(cluster)
  const kafka = client(cluster.rest_endpoint, cluster.api_key, cluster.api_secret)
  const topics = `/kafka/v3/clusters/${cluster.id}/topics`
  await kafka('POST', topics, { topic_name: firstTopic, partitions_count: 3 }).catch((error: unknown) => {
    if (!(error instanceof ApiFailure) || !error.message.includes('40002')) throw error
  })
  const complete = { ...credentials, cluster }
  await saveCredentials(home, complete)
  return complete
}

/** The owner of the Cloud API key: an administrator may make keys for itself. */
async function ownerOf(cloud: Client, { cloud_api_key }: Credentials) {
  const key = z
    .object({ spec: z.object({ owner: z.object({ id: z.string() }) }) })
    .parse(await cloud('GET', `/iam/v2/api-keys/${cloud_api_key}`))
  return { principalId: key.spec.owner.id }
}

async function keyWorks(cluster: NonNullable<Credentials['cluster']>) {
  const kafka = client(cluster.rest_endpoint, cluster.api_key, cluster.api_secret)
  await waitUntil(() => kafka('GET', `/kafka/v3/clusters/${cluster.id}/topics`), {
    timeoutMs: 60_000,
    everyMs: 100,
    what: 'the first cluster to accept its key; see the worker log',
  })
}

class ApiFailure extends Error {}

type Client = ReturnType<typeof client>

const client =
  (endpoint: string, key: string, secret: string) =>
  async (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<unknown> => {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new ApiFailure(`${method} ${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }
