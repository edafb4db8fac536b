import { waitUntil } from '@tributary/kit/waitUntil'
import { ApiClient, type ApiAnswer } from './apiClient.ts'
import type { Organization, TestInstallation } from './installation.ts'
import type { KafkaLogin } from './kafkaTools.ts'

export const clusterSpec = (environmentId: string, overrides: object = {}) => ({
  spec: {
    display_name: 'a cluster',
    availability: 'SINGLE_ZONE',
    cloud: 'AWS',
    region: 'us-east-2',
    config: { kind: 'Basic' },
    environment: { id: environmentId },
    ...overrides,
  },
})

export interface ProvisionedCluster {
  id: string
  path: string
  bootstrap: string
}

export async function createCluster(
  { cloud, environmentId }: Pick<Organization, 'cloud' | 'environmentId'>,
  overrides: object = {},
): Promise<ProvisionedCluster> {
  const created = await cloud.post('/cmk/v2/clusters', clusterSpec(environmentId, overrides))
  if (created.status !== 202) throw new Error(`the cluster was refused: ${created.text}`)
  return provisioned({ cloud, environmentId }, created.body.id)
}

export async function provisioned(
  { cloud, environmentId }: Pick<Organization, 'cloud' | 'environmentId'>,
  id: string,
): Promise<ProvisionedCluster> {
  const path = `/cmk/v2/clusters/${id}?environment=${environmentId}`
  const ready = await waitUntil<ApiAnswer>(
    async () => {
      const answer = await cloud.get(path)
      if (answer.body?.status?.phase !== 'PROVISIONED') throw new Error(answer.text)
      return answer
    },
    { timeoutMs: 60_000, everyMs: 100, what: `${id} to be provisioned` },
  )
  return { id, path, bootstrap: ready.body.spec.kafka_bootstrap_endpoint }
}

/** A key of the cluster that its brokers already accept. */
export async function createClusterKey(
  installation: TestInstallation,
  { cloud, administratorId }: Pick<Organization, 'cloud' | 'administratorId'>,
  cluster: ProvisionedCluster,
  ownerId: string = administratorId,
): Promise<KafkaLogin & { rest: ApiClient }> {
  const created = await cloud.post('/iam/v2/api-keys', {
    spec: { owner: { id: ownerId }, resource: { id: cluster.id } },
  })
  if (created.status !== 202) throw new Error(`the key was refused: ${created.text}`)
  const key = { id: created.body.id as string, secret: created.body.spec.secret as string }
  const rest = ApiClient.withKey(installation.endpoint, key)
  const accepted = async () => {
    const { status, text } = await rest.get(`/kafka/v3/clusters/${cluster.id}/topics`)
    if (status !== 200) throw new Error(text)
    return true
  }
  await waitUntil(accepted, { timeoutMs: 20_000, what: `the brokers to accept ${key.id}` })
  return { bootstrap: cluster.bootstrap, caFile: installation.caFile, key, rest }
}
