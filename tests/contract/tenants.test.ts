import { randomUUID } from 'node:crypto'
import { type ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, idsIn, refusal } from './answers.ts'

let installation: TestInstallation
let ours: Furnished
let theirs: Furnished

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  ;[ours, theirs] = await Promise.all([furnish(), furnish()])
})
afterAll(() => installation[Symbol.asyncDispose]())

/** An organization with one of everything, and a service account with a Cloud API key that has no rights. */
interface Furnished extends Organization {
  clusterId: string
  serviceAccountId: string
  otherServiceAccountId: string
  clusterKeyId: string
  serviceAccountKeyId: string
  roleBindingId: string
  clientQuotaId: string
  serviceAccount: ApiClient
}

async function furnish(): Promise<Furnished> {
  const organization = await installation.createOrganization()
  const { cloud, environmentId } = organization
  const [clusterId = ''] = await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))])
  const [serviceAccountId = '', otherServiceAccountId = ''] = await created(
    201,
    ['one', 'another'].map((display_name) => cloud.post('/iam/v2/service-accounts', { display_name })),
  )
  const owner = { id: serviceAccountId }
  const cloudKey = await cloud.post('/iam/v2/api-keys', { spec: { owner } })
  const clusterKey = await cloud.post('/iam/v2/api-keys', { spec: { owner, resource: { id: clusterId } } })
  const [roleBindingId = ''] = await created(201, [
    cloud.post('/iam/v2/role-bindings', {
      principal: `User:${otherServiceAccountId}`,
      role_name: 'EnvironmentAdmin',
      crn_pattern: `crn://confluent.cloud/organization=${organization.organizationId}/environment=${environmentId}`,
    }),
  ])
  const [clientQuotaId = ''] = await created(202, [
    cloud.post('/kafka-quotas/v1/client-quotas', {
      spec: {
        display_name: 'a quota',
        throughput: { ingress_byte_rate: '1000', egress_byte_rate: '1000' },
        cluster: { id: clusterId },
        environment: { id: environmentId },
        principals: [{ id: otherServiceAccountId }],
      },
    }),
  ])
  const key = { id: cloudKey.body.id, secret: cloudKey.body.spec.secret }
  return {
    ...organization,
    clusterId,
    serviceAccountId,
    otherServiceAccountId,
    clusterKeyId: clusterKey.body.id,
    serviceAccountKeyId: key.id,
    roleBindingId,
    clientQuotaId,
    serviceAccount: ApiClient.withKey(installation.endpoint, key),
  }
}

interface Attempt {
  method: string
  path: string
  body?: object
}

const on = (path: string, methods: string[], body: object = {}): Attempt[] =>
  methods.map((method) => ({ method, path, ...(method === 'PATCH' ? { body } : {}) }))

/** Every operation on one resource, by the ids of an organization. */
function attempts(of: Furnished): Attempt[] {
  const environment = { id: of.environmentId }
  const cluster = `/cmk/v2/clusters/${of.clusterId}`
  return [
    ...on(`/org/v2/organizations/${of.organizationId}`, ['GET', 'PATCH'], { display_name: 'mine' }),
    ...on(`/org/v2/environments/${of.environmentId}`, ['GET', 'PATCH', 'DELETE'], { display_name: 'mine' }),
    ...on(`/iam/v2/service-accounts/${of.otherServiceAccountId}`, ['GET', 'PATCH', 'DELETE'], { display_name: 'mine' }),
    ...on(`/iam/v2/users/${of.administratorId}`, ['GET', 'PATCH', 'DELETE'], { full_name: 'mine' }),
    ...on(`/iam/v2/api-keys/${of.cloudKey.id}`, ['GET', 'PATCH', 'DELETE'], { spec: { display_name: 'mine' } }),
    ...on(`${cluster}?environment=${of.environmentId}`, ['GET', 'DELETE']),
    ...on(`/iam/v2/role-bindings/${of.roleBindingId}`, ['GET', 'DELETE']),
    ...on(`/kafka-quotas/v1/client-quotas/${of.clientQuotaId}`, ['GET', 'PATCH', 'DELETE'], { spec: {} }),
    ...on(`/tributary/v1/api-keys/${of.cloudKey.id}`, ['GET', 'PATCH'], { expires_at: null }),
    ...on(`/tributary/v1/api-keys/${of.cloudKey.id}:rotate`, ['POST']),
    ...on(`/tributary/v1/clusters/${of.clusterId}:republish-access`, ['POST']),
    ...on(`/tributary/v1/operations?resource=${of.clusterId}`, ['GET']),
    ...on(cluster, ['PATCH'], { spec: { display_name: 'mine', environment } }),
  ]
}

const missing = (): Furnished => ({
  ...theirs,
  organizationId: randomUUID(),
  environmentId: 'env-0000000',
  otherServiceAccountId: 'sa-0000000',
  administratorId: 'u-0000000',
  cloudKey: { id: 'AAAAAAAAAAAAAAAA', secret: '' },
  clusterId: 'lkc-0000000',
  roleBindingId: 'rb-0000000',
  clientQuotaId: 'cq-0000000',
})

const lists = (environmentId: string) => [
  '/org/v2/organizations',
  '/org/v2/environments',
  '/iam/v2/service-accounts',
  '/iam/v2/users',
  '/iam/v2/api-keys',
  `/cmk/v2/clusters?environment=${environmentId}`,
]

const send = (client: ApiClient, { method, path, body }: Attempt) => client.request(method, path, body ? { body } : {})

/** All that a client is told, but for the id of the error. */
const asSeen = ({ status, text, headers }: ApiAnswer) => ({
  status,
  text: text.replace(/"id":"[^"]+"/, ''),
  headers: [...headers.keys()].toSorted(),
})

describe('an organization knows nothing of another', () => {
  it('answers for what another has as for what nobody has', async () => {
    const ofNobody = attempts(missing())
    for (const [index, attempt] of attempts(theirs).entries()) {
      const foreign = await send(ours.cloud, attempt)
      const absent = await send(ours.cloud, ofNobody[index] ?? attempt)
      expect([attempt.path, ...refusal(foreign)]).toEqual([attempt.path, 404])
      expect(asSeen(foreign)).toEqual(asSeen(absent))
    }
    for (const attempt of attempts(theirs).filter(({ method }) => method === 'GET')) {
      expect((await send(theirs.cloud, attempt)).status).toBe(200)
    }
  })

  it('lists only its own', async () => {
    for (const path of lists(ours.environmentId)) {
      const [own, other] = await Promise.all([ours.cloud.get(path), theirs.cloud.get(path)])
      expect(idsIn(own)).not.toEqual([])
      expect(idsIn(own).filter((id) => idsIn(other).includes(id))).toEqual([])
    }
    expect(idsIn(await ours.cloud.get(`/cmk/v2/clusters?environment=${theirs.environmentId}`))).toEqual([])
    for (const filter of [`spec.owner=${theirs.serviceAccountId}`, `spec.resource=${theirs.clusterId}`]) {
      expect(idsIn(await ours.cloud.get(`/iam/v2/api-keys?${filter}`))).toEqual([])
    }
  })

  it('makes nothing in another, or for it', async () => {
    const cluster = await ours.cloud.post('/cmk/v2/clusters', clusterSpec(theirs.environmentId))
    expect(refusal(cluster)).toEqual([422, '/spec/environment/id'])
    const owner = { id: ours.serviceAccountId }
    const forCluster = await ours.cloud.post('/iam/v2/api-keys', {
      spec: { owner, resource: { id: theirs.clusterId } },
    })
    expect(refusal(forCluster)).toEqual([422, '/spec/resource/id'])
    const forOwner = await ours.cloud.post('/iam/v2/api-keys', { spec: { owner: { id: theirs.serviceAccountId } } })
    expect(refusal(forOwner)).toEqual([422, '/spec/owner/id'])
  })
})

describe('a service account without rights sees itself and its keys', () => {
  it('reads them, and may not change them', async () => {
    const { serviceAccount, serviceAccountId, serviceAccountKeyId, clusterKeyId } = ours
    for (const path of [
      `/iam/v2/service-accounts/${serviceAccountId}`,
      `/iam/v2/api-keys/${serviceAccountKeyId}`,
      `/iam/v2/api-keys/${clusterKeyId}`,
    ]) {
      expect((await serviceAccount.get(path)).status).toBe(200)
      expect(refusal(await serviceAccount.patch(path, { spec: {} }))).toEqual([403])
      expect(refusal(await serviceAccount.delete(path))).toEqual([403])
      expect((await ours.cloud.get(path)).status).toBe(200)
    }
  })

  it('finds nothing else', async () => {
    for (const attempt of attempts(ours)) {
      const answer = await send(ours.serviceAccount, attempt)
      expect([attempt.method, attempt.path, answer.status]).toEqual([attempt.method, attempt.path, 404])
    }
    for (const attempt of attempts(ours).filter(({ method }) => method === 'GET')) {
      expect((await send(ours.cloud, attempt)).status).toBe(200)
    }
  })

  it('makes nothing', async () => {
    const { serviceAccount, environmentId, serviceAccountId } = ours
    for (const [path, body] of [
      ['/org/v2/environments', { display_name: 'mine' }],
      ['/iam/v2/service-accounts', { display_name: 'mine' }],
      ['/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId } } }],
      ['/cmk/v2/clusters', clusterSpec(environmentId, { display_name: 'mine' })],
    ] as const) {
      expect(refusal(await serviceAccount.post(path, body))).toEqual([403])
    }
  })

  it('lists itself and its keys, whatever it filters by', async () => {
    const { serviceAccount, environmentId, serviceAccountId, serviceAccountKeyId, clusterKeyId, administratorId } = ours
    const listed = await Promise.all(lists(environmentId).map((path) => serviceAccount.get(path)))
    expect(listed.map((answer) => idsIn(answer))).toEqual([
      [],
      [],
      [serviceAccountId],
      [],
      [serviceAccountKeyId, clusterKeyId].toSorted(),
      [],
    ])
    expect(idsIn(await serviceAccount.get('/iam/v2/service-accounts?display_name=another'))).toEqual([])
    expect(idsIn(await serviceAccount.get(`/iam/v2/api-keys?spec.owner=${administratorId}`))).toEqual([])
  })
})

describe('without good credentials there is only a 401', () => {
  it('for every operation, whether what it names exists or not', async () => {
    const wrong = ApiClient.withKey(installation.endpoint, { ...ours.cloudKey, secret: 'x'.repeat(64) })
    const anonymous = new ApiClient(installation.endpoint)
    const all = [
      ...attempts(ours),
      ...attempts(missing()),
      ...lists(ours.environmentId).map((path) => ({ method: 'GET', path })),
      { method: 'POST', path: '/org/v2/environments', body: { display_name: 'x' } },
      { method: 'POST', path: '/iam/v2/service-accounts', body: {} },
    ]
    for (const attempt of all) {
      for (const client of [wrong, anonymous]) expect(refusal(await send(client, attempt))).toEqual([401])
    }
  })
})

describe('an id that cannot be one is of nothing', () => {
  it.each([
    '/org/v2/organizations/x',
    '/org/v2/environments/lkc-1',
    '/org/v2/environments/env-%00',
    "/iam/v2/service-accounts/sa-'--",
    '/iam/v2/users/U-1',
    '/iam/v2/api-keys/lower',
    '/cmk/v2/clusters/lkc-?environment=env-1',
  ])('%s', async (path) => {
    expect(refusal(await ours.cloud.get(path))).toEqual([404])
  })
})
