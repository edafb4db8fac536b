import { randomUUID } from 'node:crypto'
import { AppliedQuota, AppliedQuotaList, QuotaScopeList } from '@tributary/contract/cloud/serviceQuotas'
import type { ApiAnswer } from '@tributary/testkit/apiClient'
import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal } from './answers.ts'

let installation: TestInstallation

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
})
afterAll(() => installation[Symbol.asyncDispose]())

const applied = '/service-quota/v1/applied-quotas'
const environments = '/org/v2/environments'
const keys = '/iam/v2/api-keys'
const ofEnvironments = 'iam.max_environments.per_org'
const ofCloudKeys = 'iam.max_cloud_api_keys.per_org'

const limit = async ({ cloud }: Organization, id: string, applied_limit: number, place: object = {}) => {
  const answer = await cloud.patch(`/tributary/v1/service-quotas/${id}`, { applied_limit, ...place })
  if (answer.status !== 200) throw new Error(`${id} was not limited: ${answer.text}`)
  return AppliedQuota.strict().parse(answer.body)
}
const usage = async ({ cloud }: Organization, id: string, place = ''): Promise<number> =>
  (await cloud.get(`${applied}/${id}?${place}`)).body.usage

const newCluster = async ({ cloud, environmentId }: Organization, display_name = 'a cluster') =>
  (await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(environmentId, { display_name }))]))[0] ?? ''
const serviceAccount = async ({ cloud }: Organization, display_name = 'owner') =>
  (await created(201, [cloud.post('/iam/v2/service-accounts', { display_name })]))[0] ?? ''

const many = (count: number, send: (index: number) => Promise<ApiAnswer>) =>
  Promise.all(Array.from({ length: count }, (_, index) => send(index)))
const count = (answers: readonly ApiAnswer[]) =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, group]) => [status, group.length]))

describe('however many ask at once, no more is made than a quota allows', () => {
  it('environments: 20 of 200, and the rest are told of the quota', async () => {
    const organization = await installation.createOrganization()
    await limit(organization, ofEnvironments, 20)
    const answers = await many(200, (index) => organization.cloud.post(environments, { display_name: `e${index}` }))
    // One there was already: an organization is born with it.
    expect(count(answers)).toEqual({ 201: 19, 402: 181 })
    expect(idsIn(...(await everyPage(organization.cloud, `${environments}?page_size=99`)))).toHaveLength(20)
    expect(await usage(organization, ofEnvironments)).toBe(20)
    const refused = answers.find(({ status }) => status === 402)
    expect(refused && refusal(refused)).toEqual([402])
    expect(refused?.body.errors[0]).toMatchObject({
      code: 'quota_exceeded',
      detail: expect.stringMatching(
        /iam\.max_environments\.per_org .*20.*Delete.*PATCH \/tributary\/v1\/service-quotas/,
      ),
    })
  })

  it('API keys: 20 of 200 for a cluster, whoever owns them, and cloud keys are counted apart', async () => {
    const organization = await installation.createOrganization()
    const { cloud, administratorId } = organization
    const cluster = await newCluster(organization)
    const owners = [administratorId, await serviceAccount(organization)]
    await limit(organization, 'kafka.max_api_keys.per_cluster', 20, { kafka_cluster: cluster })
    const answers = await many(200, (index) =>
      cloud.post(keys, { spec: { owner: { id: owners[index % 2] }, resource: { id: cluster } } }),
    )
    expect(count(answers)).toEqual({ 202: 20, 402: 180 })
    expect(await usage(organization, 'kafka.max_api_keys.per_cluster', `kafka_cluster=${cluster}`)).toBe(20)
    expect(await usage(organization, ofCloudKeys)).toBe(1)
    expect((await cloud.post(keys, { spec: { owner: { id: administratorId } } })).status).toBe(202)
    expect(await usage(organization, ofCloudKeys)).toBe(2)
  })

  it('clusters: of their environment, and of the organization', async () => {
    const organization = await installation.createOrganization()
    const { cloud, environmentId } = organization
    const [other = ''] = await created(201, [cloud.post(environments, { display_name: 'other' })])
    await limit(organization, 'kafka.max_kafka_clusters.per_env', 3, { environment: environmentId })
    await limit(organization, 'iam.max_kafka_clusters.per_org', 4)
    const make = (environment: string) => (index: number) =>
      cloud.post('/cmk/v2/clusters', clusterSpec(environment, { display_name: `c${index}` }))
    expect(count(await many(10, make(environmentId)))).toEqual({ 202: 3, 402: 7 })
    expect(count(await many(10, make(other)))).toEqual({ 202: 1, 402: 9 })
  })
})

describe('a quota counts what there is', () => {
  it('what is deleted makes room', async () => {
    const organization = await installation.createOrganization()
    const { cloud } = organization
    await limit(organization, ofEnvironments, 2)
    const [id] = await created(201, [cloud.post(environments, { display_name: 'a' })])
    expect(refusal(await cloud.post(environments, { display_name: 'b' }))).toEqual([402])
    expect((await cloud.delete(`${environments}/${id}`)).status).toBe(204)
    expect(await usage(organization, ofEnvironments)).toBe(1)
    expect((await cloud.post(environments, { display_name: 'b' })).status).toBe(201)
  })

  it('what goes with something else makes room too', async () => {
    const organization = await installation.createOrganization()
    const { cloud } = organization
    const cluster = await newCluster(organization)
    const owner = { id: await serviceAccount(organization) }
    await created(202, [
      cloud.post(keys, { spec: { owner } }),
      cloud.post(keys, { spec: { owner, resource: { id: cluster } } }),
      cloud.post(keys, { spec: { owner: { id: organization.administratorId }, resource: { id: cluster } } }),
    ])
    const used = async () => [
      await usage(organization, 'iam.max_service_accounts.per_org'),
      await usage(organization, ofCloudKeys),
      await usage(organization, 'kafka.max_api_keys.per_cluster', `kafka_cluster=${cluster}`),
    ]
    expect(await used()).toEqual([1, 2, 2])
    expect((await cloud.delete(`/iam/v2/service-accounts/${owner.id}`)).status).toBe(204)
    expect(await used()).toEqual([0, 1, 1])
    expect((await cloud.delete(`/cmk/v2/clusters/${cluster}?environment=${organization.environmentId}`)).status).toBe(
      204,
    )
    const [counted] = await queryAsOwner<{ used: number }>(
      installation.databaseUrl,
      `SELECT used FROM applied_service_quotas WHERE quota_id = 'kafka.max_api_keys.per_cluster' AND scope_id = $1`,
      [cluster],
    )
    expect(counted).toEqual({ used: 0 })
    expect(await usage(organization, 'iam.max_kafka_clusters.per_org')).toBe(0)
  })

  it('what fails for another reason, is renamed or is repeated counts for nothing', async () => {
    const organization = await installation.createOrganization()
    const { cloud, administratorId } = organization
    const headers = { 'idempotency-key': randomUUID() }
    const first = await cloud.post(environments, { display_name: 'once' }, headers)
    expect((await cloud.post(environments, { display_name: 'once' }, headers)).text).toBe(first.text)
    expect((await cloud.patch(`${environments}/${first.body.id}`, { display_name: 'renamed' })).status).toBe(200)
    expect(refusal(await cloud.post(environments, { display_name: 'renamed' }))).toEqual([409, '/display_name'])
    expect(await usage(organization, ofEnvironments)).toBe(2)
    expect(refusal(await cloud.post('/cmk/v2/clusters', clusterSpec('env-0000000')))[0]).toBe(422)
    const key = { owner: { id: administratorId }, resource: { id: 'lkc-0000000' } }
    expect(refusal(await cloud.post(keys, { spec: key }))[0]).toBe(422)
    expect(await usage(organization, 'iam.max_kafka_clusters.per_org')).toBe(0)
    expect(await usage(organization, ofCloudKeys)).toBe(1)
  })

  it('a request that was refused may be sent again under the same Idempotency-Key', async () => {
    const organization = await installation.createOrganization()
    const headers = { 'idempotency-key': randomUUID() }
    await limit(organization, ofEnvironments, 1)
    const ask = () => organization.cloud.post(environments, { display_name: 'late' }, headers)
    expect(refusal(await ask())).toEqual([402])
    await limit(organization, ofEnvironments, 2)
    expect((await ask()).status).toBe(201)
  })
})

describe('an administrator sets the limit of a quota', () => {
  it('raising it holds from the next request on, and is audited', async () => {
    const organization = await installation.createOrganization()
    await limit(organization, ofEnvironments, 1)
    expect(refusal(await organization.cloud.post(environments, { display_name: 'a' }))).toEqual([402])
    const raised = await limit(organization, ofEnvironments, 2)
    expect(raised).toMatchObject({ applied_limit: 2, default_limit: 1000, usage: 1 })
    expect((await organization.cloud.post(environments, { display_name: 'a' })).status).toBe(201)
    const audited = await queryAsOwner<{ principal: string }>(
      installation.databaseUrl,
      `SELECT principal FROM audit_events WHERE organization_id = $1 AND operation = 'updateTributaryV1ServiceQuota' AND resource_id = $2`,
      [organization.organizationId, ofEnvironments],
    )
    expect(audited).toEqual([{ principal: organization.administratorId }, { principal: organization.administratorId }])
  })

  it('lowering it below what is used refuses only what is new', async () => {
    const organization = await installation.createOrganization()
    const { cloud } = organization
    const [a, b] = await created(
      201,
      ['a', 'b'].map((display_name) => cloud.post(environments, { display_name })),
    )
    expect(await limit(organization, ofEnvironments, 1)).toMatchObject({ applied_limit: 1, usage: 3 })
    expect((await cloud.patch(`${environments}/${a}`, { display_name: 'renamed' })).status).toBe(200)
    expect((await cloud.delete(`${environments}/${a}`)).status).toBe(204)
    expect(refusal(await cloud.post(environments, { display_name: 'c' }))).toEqual([402])
    expect((await cloud.delete(`${environments}/${b}`)).status).toBe(204)
    expect(await usage(organization, ofEnvironments)).toBe(1)
  })

  it.each([
    [ofEnvironments, {}, [422, '/applied_limit']],
    [ofEnvironments, { applied_limit: -1 }, [422, '/applied_limit']],
    [ofEnvironments, { applied_limit: 2 ** 31 }, [422, '/applied_limit']],
    [ofEnvironments, { applied_limit: '5' }, [422, '/applied_limit']],
    ['kafka.max_kafka_clusters.per_env', { applied_limit: 5 }, [422, '/environment']],
    ['kafka.max_api_keys.per_cluster', { applied_limit: 5 }, [422, '/kafka_cluster']],
    ['kafka.max_api_keys.per_cluster', { applied_limit: 5, kafka_cluster: 'lkc-0000000' }, [404]],
    ['no.such.quota', { applied_limit: 5 }, [404]],
  ])('%s is not limited by %j', async (id, body, expected) => {
    const { cloud } = await installation.createOrganization()
    expect(refusal(await cloud.patch(`/tributary/v1/service-quotas/${id}`, body))).toEqual(expected)
  })

  it('nobody else does, nor for another organization', async () => {
    const [ours, theirs] = [await installation.createOrganization(), await installation.createOrganization()]
    const owner = { id: await serviceAccount(ours) }
    const made = await ours.cloud.post(keys, { spec: { owner } })
    const nobody = ApiClient.withKey(installation.endpoint, { id: made.body.id, secret: made.body.spec.secret })
    expect(refusal(await nobody.patch(`/tributary/v1/service-quotas/${ofEnvironments}`, { applied_limit: 9 }))).toEqual(
      [404],
    )
    expect(idsIn(await nobody.get(`${applied}?scope=ORGANIZATION`))).toEqual([])
    const cluster = { applied_limit: 9, kafka_cluster: await newCluster(theirs) }
    const path = '/tributary/v1/service-quotas/kafka.max_api_keys.per_cluster'
    expect(refusal(await ours.cloud.patch(path, cluster))).toEqual([404])
    await limit(ours, ofEnvironments, 1)
    expect((await theirs.cloud.post(environments, { display_name: 'theirs' })).status).toBe(201)
  })
})

describe('the quotas of a scope are listed as they apply', () => {
  it('each once, however the list is paged, with what is used', async () => {
    const { cloud, organizationId } = await installation.createOrganization()
    const path = `${applied}?scope=organization`
    const whole = AppliedQuotaList.strict().parse((await cloud.get(`${path}&page_size=99`)).body)
    expect(whole.data.map(({ id, usage: used }) => [id, used])).toEqual([
      [ofCloudKeys, 1],
      [ofEnvironments, 1],
      ['iam.max_kafka_clusters.per_org', 0],
      ['iam.max_rbac_role_bindings_all_roles.per_org', 1],
      ['iam.max_service_accounts.per_org', 0],
      ['iam.max_users.per_org', 1],
    ])
    expect(whole.data[1]).toEqual({
      api_version: 'service-quota/v1',
      kind: 'AppliedQuota',
      id: ofEnvironments,
      metadata: {
        self: `${installation.endpoint}${applied}/${ofEnvironments}`,
        resource_name: `crn://confluent.cloud/organization=${organizationId}/applied-quota=${ofEnvironments}`,
      },
      scope: 'ORGANIZATION',
      display_name: 'Max Environments Per Organization',
      default_limit: 1000,
      applied_limit: 1000,
      usage: 1,
      organization: expect.objectContaining({ id: organizationId }),
    })
    const paged = idsIn(...(await everyPage(cloud, `${path}&page_size=2`)))
    expect(paged).toEqual(whole.data.map(({ id }) => id))
  })

  it('of each environment and cluster, or of the one that is named', async () => {
    const organization = await installation.createOrganization()
    const { cloud, environmentId } = organization
    const [first, second] = [await newCluster(organization, 'first'), await newCluster(organization, 'second')]
    const [other = ''] = await created(201, [cloud.post(environments, { display_name: 'other' })])
    const places = async (query: string, place: 'environment' | 'kafka_cluster') => {
      const pages = await everyPage(cloud, `${applied}?page_size=1&${query}`)
      return pages.flatMap(({ body }) =>
        AppliedQuotaList.strict()
          .parse(body)
          .data.map((quota) => quota[place]?.id),
      )
    }
    expect(await places('scope=ENVIRONMENT', 'environment')).toEqual([environmentId as string, other].toSorted())
    expect(await places(`scope=ENVIRONMENT&environment=${other}`, 'environment')).toEqual([other])
    const quota = 'id=kafka.max_api_keys.per_cluster'
    expect(await places(`scope=kafka-cluster&${quota}`, 'kafka_cluster')).toEqual([first, second].toSorted())
    expect(await places(`scope=KAFKA_CLUSTER&${quota}&kafka_cluster=${second}`, 'kafka_cluster')).toEqual([second])
    expect(await places(`scope=KAFKA_CLUSTER&environment=${other}`, 'kafka_cluster')).toEqual([])
    for (const none of ['scope=NETWORK', 'scope=ORGANIZATION&network=n-1', 'scope=ORGANIZATION&id=nothing']) {
      expect(await places(none, 'environment')).toEqual([])
    }
    const read = await cloud.get(
      `${applied}/kafka.max_api_keys.per_cluster?environment=${environmentId}&kafka_cluster=${first}`,
    )
    expect(AppliedQuota.strict().parse(read.body)).toMatchObject({
      scope: 'KAFKA_CLUSTER',
      environment: { id: environmentId },
      kafka_cluster: { id: first, environment: environmentId },
    })
    const elsewhere = `${applied}/kafka.max_api_keys.per_cluster?environment=${other}&kafka_cluster=${first}`
    expect(refusal(await cloud.get(elsewhere))).toEqual([404])
    expect(refusal(await cloud.get(`${applied}/kafka.max_api_keys.per_cluster`))).toEqual([400, 'kafka_cluster'])
    expect(refusal(await cloud.get(applied))).toEqual([400, 'scope'])
    expect(refusal(await cloud.get(`${applied}?scope=galaxy`))).toEqual([400, 'scope'])
  })

  it('and so are the scopes', async () => {
    const { cloud } = await installation.createOrganization()
    const pages = await everyPage(cloud, '/service-quota/v1/scopes?page_size=1')
    const scopes = pages.flatMap(({ body }) => QuotaScopeList.strict().parse(body).data)
    expect(scopes.map(({ id }) => id)).toEqual(['ENVIRONMENT', 'KAFKA_CLUSTER', 'ORGANIZATION'])
    expect((await cloud.get('/service-quota/v1/scopes/kafka_cluster')).body).toEqual(scopes[1])
    expect(refusal(await cloud.get('/service-quota/v1/scopes/GALAXY'))).toEqual([404])
  })
})

const asWorker = (statement: string) => queryAsOwner(installation.databaseUrl, statement)

/** A cluster that may have ten partitions, of which topic `a` has reserved some. */
const kept = async (reserved: number) => {
  const organization = await installation.createOrganization()
  const cluster = await newCluster(organization)
  await limit(organization, 'kafka.max_partitions.per_cluster', 10, { kafka_cluster: cluster })
  const row = (name: string, partitions: number) => `INSERT INTO kafka_topics
    (cluster_id, name, organization_id, partitions_count, replication_factor, reserved_partitions)
    VALUES ('${cluster}', '${name}', '${organization.organizationId}', 0, 1, ${partitions})`
  const used = () => usage(organization, 'kafka.max_partitions.per_cluster', `kafka_cluster=${cluster}`)
  const update = (fields: string, name = 'a') =>
    asWorker(`UPDATE kafka_topics SET ${fields} WHERE cluster_id = '${cluster}' AND name = '${name}'`)
  await asWorker(row('a', reserved))
  return { organization, cluster, row, used, update }
}

describe('partitions are reserved before a topic is made', () => {
  const overTheQuota = { constraint: 'applied_service_quotas_limit' }

  it('up to the quota of the cluster, and given back with what they were reserved for', async () => {
    const { row, used, update } = await kept(7)
    await expect(asWorker(row('b', 4))).rejects.toMatchObject(overTheQuota)
    await expect(update('reserved_partitions = 11')).rejects.toMatchObject(overTheQuota)
    await asWorker(row('b', 3))
    expect(await used()).toBe(10)
    await update('partitions_count = 7, reserved_partitions = 0')
    expect(await used()).toBe(10)
    await update('reserved_partitions = 0', 'b')
    expect(await used()).toBe(7)
    await asWorker("DELETE FROM kafka_topics WHERE name = 'a'")
    expect(await used()).toBe(0)
  })

  it('what there is in Kafka counts past the quota, and then nothing more is reserved', async () => {
    const { row, used, update } = await kept(1)
    await update('partitions_count = 20, reserved_partitions = 0')
    expect(await used()).toBe(20)
    await expect(asWorker(row('b', 1))).rejects.toMatchObject(overTheQuota)
    await update('partitions_count = 9')
    await asWorker(row('b', 1))
    expect(await used()).toBe(10)
  })

  it('and by nobody in a cluster of another organization', async () => {
    const [{ cluster, used, organization }, theirs] = [await kept(2), await installation.createOrganization()]
    const insert = (tenant: string) => `DO $$ BEGIN
      SET LOCAL ROLE tributary_api; PERFORM set_config('tributary.organization', '${theirs.organizationId}', true);
      INSERT INTO kafka_topics (cluster_id, name, organization_id, partitions_count, replication_factor, reserved_partitions)
      VALUES ('${cluster}', 'b', '${tenant}', 0, 1, 3); END $$`
    await expect(asWorker(insert(organization.organizationId))).rejects.toThrow(/row-level security/)
    expect(await used()).toBe(2)
  })
})
