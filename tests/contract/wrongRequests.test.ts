import type { Operation } from '@tributary/api/framework/operation'
import { operations } from '@tributary/api/operations'
import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, done } from './answers.ts'
import { cases } from './generated.ts'
import { leaksIn } from './leaks.ts'
import { setStage, type Stage } from './stage.ts'
import { wrongRequests } from './wrongRequests.ts'

let stage: Stage
/** What requests may change, delete and end. */
let victims: Record<string, Record<string, string>>

beforeAll(async () => {
  stage = await setStage(inject('postgresUrl'))
  const { organization, cluster, login, serviceAccountId, colleagueId } = stage
  const { cloud, environmentId, organizationId } = organization
  const [environment = ''] = await created(201, [cloud.post('/org/v2/environments', { display_name: 'victim' })])
  const [lkc = ''] = await created(202, [
    cloud.post('/cmk/v2/clusters', clusterSpec(environmentId, { display_name: 'victim' })),
  ])
  const [key = ''] = await created(202, [cloud.post('/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId } } })])
  await done(201, login.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: 'victim' }))
  victims = {
    organizations: { id: organizationId },
    environments: { id: environment },
    'service-accounts': { id: serviceAccountId },
    users: { id: colleagueId },
    'api-keys': { id: key },
    clusters: { id: lkc },
    'applied-quotas': { id: 'iam.max_environments.per_org' },
    'service-quotas': { id: 'iam.max_environments.per_org' },
    scopes: { id: 'ORGANIZATION' },
    kafka: { cluster_id: cluster.id, topic_name: 'victim', name: 'retention.ms', partition_id: '0' },
  }
})
afterAll(() => stage.installation[Symbol.asyncDispose]())

/** Deletes come last, so that there is something to be wrong about before. */
const inOrder = operations.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))

describe('a wrong request is refused as the documents say, and never fails', () => {
  it.each(inOrder.map((operation) => [operation.id, operation] as const))('%s', async (_id, operation) => {
    const [, group = '', , collection = ''] = operation.path.split('/')
    const good = victims[group] ?? victims[collection] ?? {}
    const client = clientFor(operation)
    const property = fc.asyncProperty(wrongRequests(operation, good), async ({ method, path, body, headers }) => {
      // The client holds what comes back against the documents.
      const answer = await client.request(method, path, { body, headers })
      expect(answer.status === 501 ? mayLack.has(operation.id) : answer.status < 500).toBe(true)
      expect(leaksIn(answer.text, secrets())).toEqual([])
    })
    await fc.assert(property, cases(6))
  })
})

function clientFor({ access }: Operation): ApiClient {
  if (access === 'public') return new ApiClient(stage.installation.endpoint)
  return access === 'broker' ? stage.login.rest : stage.organization.cloud
}

/** Says of some changes that they are not built. */
const mayLack = new Set(['updateCmkV2Cluster', 'updateOrgV2Organization'])

const secrets = () => [stage.organization.cloudKey.secret, stage.organization.password, stage.login.key.secret]
