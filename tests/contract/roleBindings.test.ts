import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'

let installation: TestInstallation
let organization: Organization
let cloud: ApiClient
let clusterId: string
let otherClusterId: string
let otherEnvironmentId: string
let at: Record<'organization' | 'environment' | 'otherEnvironment' | 'cluster' | 'otherCluster' | 'kafka', string>

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  organization = await installation.createOrganization()
  cloud = organization.cloud
  const { environmentId, organizationId } = organization
  ;[otherEnvironmentId = ''] = await created(201, [cloud.post('/org/v2/environments', { display_name: 'other' })])
  ;[clusterId = '', otherClusterId = ''] = await created(202, [
    cloud.post('/cmk/v2/clusters', clusterSpec(environmentId)),
    cloud.post('/cmk/v2/clusters', clusterSpec(otherEnvironmentId)),
  ])
  const root = `crn://confluent.cloud/organization=${organizationId}`
  at = {
    organization: root,
    environment: `${root}/environment=${environmentId}`,
    otherEnvironment: `${root}/environment=${otherEnvironmentId}`,
    cluster: `${root}/environment=${environmentId}/cloud-cluster=${clusterId}`,
    otherCluster: `${root}/environment=${otherEnvironmentId}/cloud-cluster=${otherClusterId}`,
    kafka: `${root}/environment=${environmentId}/cloud-cluster=${clusterId}/kafka=${clusterId}`,
  }
})
afterAll(() => installation[Symbol.asyncDispose]())

const path = '/iam/v2/role-bindings'
let accounts = 0

async function serviceAccount(): Promise<string> {
  const [id = ''] = await created(201, [
    cloud.post('/iam/v2/service-accounts', { display_name: `account ${accounts++}` }),
  ])
  return id
}

const grant = (client: ApiClient, principal: string, role: string, crnPattern: string) =>
  client.post(path, { principal: `User:${principal}`, role_name: role, crn_pattern: crnPattern })

const keyFor = (client: ApiClient, ownerId: string, resourceId?: string) =>
  client.post('/iam/v2/api-keys', {
    spec: { owner: { id: ownerId }, ...(resourceId === undefined ? {} : { resource: { id: resourceId } }) },
  })

/** A service account with these roles, and the API as it sees it. */
async function holderOf(...grants: [role: string, crnPattern: string][]): Promise<{ id: string; client: ApiClient }> {
  const id = await serviceAccount()
  await created(
    201,
    grants.map(([role, crnPattern]) => grant(cloud, id, role, crnPattern)),
  )
  const key = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id } } })
  return { id, client: ApiClient.withKey(installation.endpoint, { id: key.body.id, secret: key.body.spec.secret }) }
}

describe('a role binding is made, read, listed and taken back', () => {
  it('comes back as it was sent, and is gone when it was deleted', async () => {
    const principal = await serviceAccount()
    const made = await grant(cloud, principal, 'DeveloperRead', `${at.kafka}/topic=orders-*`)
    expect(made.status).toBe(201)
    const { id } = made.body
    expect(made.body).toEqual({
      api_version: 'iam/v2',
      kind: 'RoleBinding',
      id: expect.stringMatching(/^rb-[a-z0-9]+$/),
      metadata: {
        self: `${installation.endpoint}${path}/${id}`,
        resource_name: `${at.organization}/role-binding=${id}`,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
      principal: `User:${principal}`,
      role_name: 'DeveloperRead',
      crn_pattern: `${at.kafka}/topic=orders-*`,
    })
    expect((await cloud.get(`${path}/${id}`)).body).toEqual(made.body)
    const deleted = await cloud.delete(`${path}/${id}`)
    expect(deleted).toMatchObject({ status: 200, body: made.body })
    expect(refusal(await cloud.get(`${path}/${id}`))).toEqual([404])
    expect(refusal(await cloud.delete(`${path}/${id}`))).toEqual([404])
    expect((await grant(cloud, principal, 'DeveloperRead', `${at.kafka}/topic=orders-*`)).status).toBe(201)
  })

  it('is listed by principal, role and place, page by page', async () => {
    const principal = await serviceAccount()
    const [onTopic = '', onCluster = '', onEnvironment = ''] = await created(201, [
      grant(cloud, principal, 'DeveloperWrite', `${at.kafka}/topic=listed`),
      grant(cloud, principal, 'CloudClusterAdmin', at.cluster),
      grant(cloud, principal, 'EnvironmentAdmin', at.environment),
    ])
    const list = async (query: string) =>
      idsIn(...(await everyPage(cloud, `${path}?page_size=1&principal=User:${principal}&${query}`))).toSorted()
    expect(await list(`crn_pattern=${at.organization}`)).toEqual([onTopic, onCluster, onEnvironment].toSorted())
    expect(await list(`crn_pattern=${at.cluster}`)).toEqual([onTopic, onCluster].toSorted())
    expect(await list(`crn_pattern=${at.cluster}/*`)).toEqual([onTopic, onCluster].toSorted())
    expect(await list(`crn_pattern=${at.kafka}/topic=lis*`)).toEqual([onTopic])
    expect(await list(`crn_pattern=${at.kafka}/topic=lis`)).toEqual([])
    expect(await list(`crn_pattern=${at.organization}&role_name=EnvironmentAdmin`)).toEqual([onEnvironment])
    expect(await list(`crn_pattern=${at.otherEnvironment}`)).toEqual([])
    expect(refusal(await cloud.get(path))).toEqual([400, 'crn_pattern'])
  })

  it('is there once: the same again is a conflict, also of two at once', async () => {
    const principal = await serviceAccount()
    const same = () => grant(cloud, principal, 'DeveloperRead', `${at.kafka}/topic=once`)
    expect(await statuses([same(), same(), same()])).toEqual([201, 409, 409])
  })

  it('ends with its principal, its cluster and its environment', async () => {
    const principal = await serviceAccount()
    const [environmentId = ''] = await created(201, [cloud.post('/org/v2/environments', { display_name: 'ends' })])
    const environment = `${at.organization}/environment=${environmentId}`
    const [id = ''] = await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))])
    const [onEnvironment = '', onCluster = ''] = await created(201, [
      grant(cloud, principal, 'EnvironmentAdmin', environment),
      grant(cloud, principal, 'CloudClusterAdmin', `${environment}/cloud-cluster=${id}`),
    ])
    await cloud.delete(`/cmk/v2/clusters/${id}?environment=${environmentId}`)
    expect(refusal(await cloud.get(`${path}/${onCluster}`))).toEqual([404])
    await cloud.delete(`/org/v2/environments/${environmentId}`)
    expect(refusal(await cloud.get(`${path}/${onEnvironment}`))).toEqual([404])
    const [onTopic = ''] = await created(201, [grant(cloud, principal, 'DeveloperRead', `${at.kafka}/topic=ends`)])
    await cloud.delete(`/iam/v2/service-accounts/${principal}`)
    expect(refusal(await cloud.get(`${path}/${onTopic}`))).toEqual([404])
  })
})

describe('a role binding that cannot be is refused and says where it is wrong', () => {
  it.each<[string, object, number, string]>([
    ['an unknown role', { role_name: 'Wizard' }, 422, '/role_name'],
    ['a role of what is not built', { role_name: 'KsqlAdmin' }, 501, '/role_name'],
    ['an unknown principal', { principal: 'User:sa-0000000' }, 422, '/principal'],
    ['a group', { principal: 'Group:group-1' }, 422, '/principal'],
    ['everybody', { principal: 'User:*' }, 422, '/principal'],
    [
      'another organization',
      { crn_pattern: 'crn://confluent.cloud/organization=00000000-0000-4000-8000-000000000000' },
      422,
      '/crn_pattern',
    ],
    ['no CRN', { crn_pattern: 'orders' }, 422, '/crn_pattern'],
  ])('%s', async (_, wrong, status, pointer) => {
    const principal = await serviceAccount()
    const right = { principal: `User:${principal}`, role_name: 'OrganizationAdmin', crn_pattern: at.organization }
    expect(refusal(await cloud.post(path, { ...right, ...wrong }))).toEqual([status, pointer])
  })

  it('a pattern in a wrong order, of what does not exist, or for another kind of role', async () => {
    const principal = await serviceAccount()
    const refused = async (role: string, crnPattern: string) => refusal(await grant(cloud, principal, role, crnPattern))
    const wrong = [422, '/crn_pattern']
    const disordered = `${at.organization}/cloud-cluster=${clusterId}/environment=${organization.environmentId}`
    expect(await refused('CloudClusterAdmin', disordered)).toEqual(wrong)
    expect(await refused('DeveloperRead', `${at.kafka}/topic=a*b*`)).toEqual(wrong)
    expect(await refused('DeveloperRead', at.cluster)).toEqual(wrong)
    expect(await refused('CloudClusterAdmin', at.environment)).toEqual(wrong)
    expect(await refused('OrganizationAdmin', at.environment)).toEqual(wrong)
    expect(await refused('DeveloperWrite', `${at.kafka}/group=a`)).toEqual(wrong)
    expect(await refused('EnvironmentAdmin', `${at.organization}/environment=env-0000000`)).toEqual(wrong)
    expect(await refused('CloudClusterAdmin', `${at.otherEnvironment}/cloud-cluster=${clusterId}`)).toEqual(wrong)
    expect(idsIn(await cloud.get(`${path}?crn_pattern=${at.organization}&principal=User:${principal}`))).toEqual([])
  })
})

describe('a role holds in its place, and is a 404 or 403 outside', () => {
  it('EnvironmentAdmin administers one environment', async () => {
    const { client } = await holderOf(['EnvironmentAdmin', at.environment])
    const { environmentId } = organization
    expect(idsIn(await client.get('/org/v2/environments'))).toEqual([environmentId])
    expect(refusal(await client.get(`/org/v2/environments/${otherEnvironmentId}`))).toEqual([404])
    expect((await client.patch(`/org/v2/environments/${environmentId}`, { display_name: 'default' })).status).toBe(200)
    const made = await client.post('/cmk/v2/clusters', clusterSpec(environmentId, { display_name: 'made' }))
    expect(made.status).toBe(202)
    const listed = idsIn(await client.get(`/cmk/v2/clusters?environment=${environmentId}`))
    expect(new Set(listed)).toEqual(new Set([clusterId, made.body.id]))
    expect((await client.delete(`/cmk/v2/clusters/${made.body.id}?environment=${environmentId}`)).status).toBe(204)
    expect(refusal(await client.post('/cmk/v2/clusters', clusterSpec(otherEnvironmentId)))).toEqual([403])
    expect(idsIn(await client.get(`/cmk/v2/clusters?environment=${otherEnvironmentId}`))).toEqual([])
    expect(refusal(await client.get(`/cmk/v2/clusters/${otherClusterId}?environment=${otherEnvironmentId}`))).toEqual([
      404,
    ])
    expect(refusal(await client.post('/org/v2/environments', { display_name: 'mine' }))).toEqual([403])
    expect(refusal(await client.post('/iam/v2/service-accounts', { display_name: 'mine' }))).toEqual([403])
    expect((await client.get('/iam/v2/service-accounts?page_size=1')).body.data).toHaveLength(1)
  })

  it('CloudClusterAdmin administers one cluster, Operator looks at it, a developer sees that it is there', async () => {
    const { environmentId } = organization
    const cluster = `/cmk/v2/clusters/${clusterId}?environment=${environmentId}`
    const rename = { spec: { display_name: 'a cluster', environment: { id: environmentId } } }
    const holders = {
      admin: await holderOf(['CloudClusterAdmin', at.cluster]),
      operator: await holderOf(['Operator', at.cluster]),
      viewer: await holderOf(['MetricsViewer', at.cluster]),
      developer: await holderOf(['DeveloperRead', `${at.kafka}/topic=x`]),
    }
    const seen = async ({ client }: { client: ApiClient }) => [
      (await client.get(cluster)).status,
      (await client.patch(`/cmk/v2/clusters/${clusterId}`, rename)).status,
      (await client.get(`/tributary/v1/operations?resource=${clusterId}`)).status,
      (await client.get(`/cmk/v2/clusters/${otherClusterId}?environment=${otherEnvironmentId}`)).status,
      ...idsIn(await client.get(`/cmk/v2/clusters?environment=${environmentId}`)),
    ]
    expect(await seen(holders.admin)).toEqual([200, 200, 200, 404, clusterId])
    expect(await seen(holders.operator)).toEqual([200, 403, 200, 404, clusterId])
    expect(await seen(holders.viewer)).toEqual([200, 403, 404, 404, clusterId])
    expect(await seen(holders.developer)).toEqual([200, 403, 404, 404, clusterId])
  })

  it('ends for the next request when the binding is deleted', async () => {
    const { id, client } = await holderOf(['EnvironmentAdmin', at.environment])
    const [binding = ''] = idsIn(await cloud.get(`${path}?crn_pattern=${at.organization}&principal=User:${id}`))
    expect((await client.get(`/org/v2/environments/${organization.environmentId}`)).status).toBe(200)
    await cloud.delete(`${path}/${binding}`)
    expect(refusal(await client.get(`/org/v2/environments/${organization.environmentId}`))).toEqual([404])
  })
})

describe('nobody grants what they do not hold', () => {
  it('an owner of topics grants roles on those, and nothing more', async () => {
    const { client } = await holderOf(['ResourceOwner', `${at.kafka}/topic=orders-*`])
    const principal = await serviceAccount()
    const given = await grant(client, principal, 'DeveloperRead', `${at.kafka}/topic=orders-eu-*`)
    expect(given.status).toBe(201)
    expect(refusal(await grant(client, principal, 'DeveloperRead', `${at.kafka}/topic=billing`))).toEqual([403])
    expect(refusal(await grant(client, principal, 'DeveloperRead', `${at.kafka}/topic=*`))).toEqual([403])
    expect(refusal(await grant(client, principal, 'DeveloperRead', `${at.kafka}/group=orders-eu`))).toEqual([403])
    expect(refusal(await grant(client, principal, 'CloudClusterAdmin', at.cluster))).toEqual([403])
    const [foreign = ''] = await created(201, [grant(cloud, principal, 'DeveloperRead', `${at.kafka}/topic=billing`)])
    const visible = idsIn(await client.get(`${path}?crn_pattern=${at.organization}&principal=User:${principal}`))
    expect(visible).toEqual([given.body.id])
    expect(refusal(await client.get(`${path}/${foreign}`))).toEqual([404])
    expect(refusal(await client.delete(`${path}/${foreign}`))).toEqual([404])
    expect((await client.delete(`${path}/${given.body.id}`)).status).toBe(200)
  })

  it('an administrator of an environment does not become one of the organization', async () => {
    const { id, client } = await holderOf(['EnvironmentAdmin', at.environment])
    expect(refusal(await grant(client, id, 'OrganizationAdmin', at.organization))).toEqual([403])
    expect(refusal(await grant(client, id, 'EnvironmentAdmin', at.otherEnvironment))).toEqual([403])
    expect((await grant(client, id, 'CloudClusterAdmin', at.cluster)).status).toBe(201)
  })

  it('a reader grants nothing', async () => {
    const { id, client } = await holderOf(['DeveloperRead', `${at.kafka}/topic=a`], ['Operator', at.organization])
    expect(refusal(await grant(client, id, 'DeveloperRead', `${at.kafka}/topic=a`))).toEqual([403])
  })

  it('the last administrator keeps the role', async () => {
    const fresh = await installation.createOrganization()
    const root = `crn://confluent.cloud/organization=${fresh.organizationId}`
    const [own = ''] = idsIn(await fresh.cloud.get(`${path}?crn_pattern=${root}`))
    expect(refusal(await fresh.cloud.delete(`${path}/${own}`))).toEqual([409])
  })
})

describe('a key is made only by who holds all that its owner holds', () => {
  it('of one cluster, by its administrator, for a service account that holds no more', async () => {
    const { client } = await holderOf(['CloudClusterAdmin', at.cluster])
    const plain = await serviceAccount()
    const made = await keyFor(client, plain, clusterId)
    expect(made.status).toBe(202)
    expect(idsIn(await client.get(`/iam/v2/api-keys?spec.owner=${plain}`))).toEqual([made.body.id])
    expect((await client.delete(`/iam/v2/api-keys/${made.body.id}`)).status).toBe(204)
    const { id: reader } = await holderOf(['DeveloperRead', `${at.kafka}/topic=*`])
    expect((await keyFor(client, reader, clusterId)).status).toBe(202)
    const { id: powerful } = await holderOf(['EnvironmentAdmin', at.environment])
    expect(refusal(await keyFor(client, powerful, clusterId))).toEqual([403])
    const { id: elsewhere } = await holderOf(['DeveloperRead', `${at.otherCluster}/kafka=${otherClusterId}/topic=a`])
    expect(refusal(await keyFor(client, elsewhere, clusterId))).toEqual([403])
    expect(refusal(await keyFor(client, plain, otherClusterId))).toEqual([422, '/spec/resource/id'])
    expect(refusal(await keyFor(client, plain))).toEqual([403])
  })

  it('never for another user, whoever asks', async () => {
    const { client } = await holderOf(['OrganizationAdmin', at.organization])
    expect(refusal(await keyFor(client, organization.administratorId, clusterId))).toEqual([422, '/spec/owner/id'])
  })

  it('not by a developer, for itself or another', async () => {
    const { id, client } = await holderOf(['ResourceOwner', `${at.kafka}/topic=*`])
    expect(refusal(await keyFor(client, id, clusterId))).toEqual([403])
    expect(refusal(await keyFor(client, await serviceAccount(), clusterId))).toEqual([403])
  })
})
