import { operations } from '@tributary/api/operations'
import { answersVersion, takesIfMatch } from '@tributary/api/framework/versions'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { newId } from '@tributary/domain/ids'
import type { ApiAnswer } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, refusal } from './answers.ts'
import { meetAt } from './turns.ts'

let installation: TestInstallation
let ours: Organization
let prisma: Prisma
let serial = 0

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  ours = await installation.createOrganization()
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker' })
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

/** A new thing: where it is read and changed, and the row that says its version. */
interface Thing {
  read: string
  path: string
  row: { table: string; id: string }
}

interface Change {
  operation: string
  make: () => Promise<Thing>
  /** Undefined for a deletion. */
  body?: (thing: Thing) => object
}

const name = () => `thing ${++serial}`

async function make(status: number, path: string, body: object, table: string, changedAt = path): Promise<Thing> {
  const [id = ''] = await created(status, [ours.cloud.post(path, body)])
  return { read: `${path}/${id}`, path: `${changedAt}/${id}`, row: { table, id } }
}

const environment = () => make(201, '/org/v2/environments', { display_name: name() }, 'environments')
const account = () => make(201, '/iam/v2/service-accounts', { display_name: name() }, 'service_accounts')

async function cluster(): Promise<Thing> {
  const spec = clusterSpec(ours.environmentId, { display_name: name() })
  const thing = await make(202, '/cmk/v2/clusters', spec, 'kafka_clusters')
  const query = `?environment=${ours.environmentId}`
  return { ...thing, read: thing.read + query, path: thing.path + query }
}

/** Of a cluster, so that brokers are to be told. */
async function key(changedAt?: string): Promise<Thing> {
  const owner = await account()
  const resource = await cluster()
  const body = { spec: { owner: { id: owner.row.id }, resource: { id: resource.row.id } } }
  return make(202, '/iam/v2/api-keys', body, 'api_keys', changedAt)
}

async function lifetime(): Promise<Thing> {
  const thing = await key('/tributary/v1/api-keys')
  return { ...thing, read: thing.path }
}

async function user(): Promise<Thing> {
  const { organizationId } = ours
  const id = newId.user()
  await prisma.user.create({ data: { id, organizationId, email: `${id}@example.com`, fullName: 'Somebody' } })
  return { read: `/iam/v2/users/${id}`, path: `/iam/v2/users/${id}`, row: { table: 'users', id } }
}

async function roleBinding(): Promise<Thing> {
  const crn = `crn://confluent.cloud/organization=${ours.organizationId}/environment=${ours.environmentId}`
  const principal = `User:${(await account()).row.id}`
  const body = { principal, role_name: 'EnvironmentAdmin', crn_pattern: crn }
  return make(201, '/iam/v2/role-bindings', body, 'role_bindings')
}

async function clientQuota(principals?: string[]): Promise<Thing> {
  const named = principals ?? [(await account()).row.id]
  const spec = {
    display_name: name(),
    throughput: { ingress_byte_rate: '1000', egress_byte_rate: '1000' },
    cluster: { id: (await cluster()).row.id },
    environment: { id: ours.environmentId },
    principals: named.map((id) => ({ id })),
  }
  return make(202, '/kafka-quotas/v1/client-quotas', { spec }, 'client_quotas')
}

/** A cluster in a new environment: something of it is used. */
async function serviceQuota(): Promise<Thing> {
  const { row } = await environment()
  await created(202, [ours.cloud.post('/cmk/v2/clusters', clusterSpec(row.id))])
  const id = 'kafka.max_kafka_clusters.per_env'
  return {
    read: `/service-quota/v1/applied-quotas/${id}?environment=${row.id}`,
    path: `/tributary/v1/service-quotas/${id}`,
    row: { table: 'applied_service_quotas', id: row.id },
  }
}

const organization = async (): Promise<Thing> => {
  const path = `/org/v2/organizations/${ours.organizationId}`
  return { read: path, path, row: { table: 'organizations', id: ours.organizationId } }
}

const renamed = () => ({ display_name: name() })
const changes: readonly Change[] = [
  { operation: 'updateOrgV2Organization', make: organization, body: renamed },
  { operation: 'updateOrgV2Environment', make: environment, body: renamed },
  { operation: 'deleteOrgV2Environment', make: environment },
  { operation: 'updateIamV2ServiceAccount', make: account, body: () => ({ description: name() }) },
  { operation: 'deleteIamV2ServiceAccount', make: account },
  { operation: 'updateIamV2User', make: user, body: () => ({ full_name: name() }) },
  { operation: 'deleteIamV2User', make: user },
  { operation: 'updateIamV2ApiKey', make: key, body: () => ({ spec: renamed() }) },
  { operation: 'deleteIamV2ApiKey', make: key },
  {
    operation: 'updateTributaryV1ApiKey',
    make: lifetime,
    body: () => ({ expires_at: `2100-01-01T00:00:${String(++serial % 60).padStart(2, '0')}Z` }),
  },
  { operation: 'deleteIamV2RoleBinding', make: roleBinding },
  {
    operation: 'updateCmkV2Cluster',
    make: cluster,
    body: () => ({ spec: { ...renamed(), environment: { id: ours.environmentId } } }),
  },
  { operation: 'deleteCmkV2Cluster', make: cluster },
  { operation: 'updateKafkaQuotasV1ClientQuota', make: clientQuota, body: () => ({ spec: renamed() }) },
  { operation: 'deleteKafkaQuotasV1ClientQuota', make: clientQuota },
  {
    operation: 'updateTributaryV1ServiceQuota',
    make: serviceQuota,
    body: ({ row }) => ({ environment: row.id, applied_limit: 100 + ++serial }),
  },
]

const each = changes.map((change) => [change.operation, change] as const)
const patches = each.filter(([, { body }]) => body !== undefined)

const send = ({ body }: Change, thing: Thing, ifMatch?: string): Promise<ApiAnswer> =>
  ours.cloud.request(body === undefined ? 'DELETE' : 'PATCH', thing.path, {
    ...(body && { body: body(thing) }),
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  })

const etagOf = ({ status, text, headers }: ApiAnswer): string => {
  const etag = headers.get('etag')
  if (status >= 300 || etag === null) throw new Error(`no ETag with ${status}: ${text}`)
  return etag
}
const readEtag = async ({ read }: Thing) => etagOf(await ours.cloud.get(read))

describe('every operation that changes one thing takes If-Match, and every one that reads one answers an ETag', () => {
  it('all of which are known here', () => {
    expect(changes.map(({ operation }) => operation).toSorted()).toEqual(
      operations
        .filter(takesIfMatch)
        .map(({ id }) => id)
        .toSorted(),
    )
  })

  it('when it is read', async () => {
    const things = await Promise.all(changes.map((change) => change.make()))
    const paths = [...things.map(({ read }) => read), '/service-quota/v1/scopes/ORGANIZATION']
    const reads = operations.filter((operation) => operation.method === 'GET' && answersVersion(operation))
    const tagless = reads.filter(({ path }) => {
      const served = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
      return !paths.some((read) => served.test(read.split('?')[0] ?? ''))
    })
    expect(tagless.map(({ id }) => id)).toEqual([])
    for (const path of paths) expect(etagOf(await ours.cloud.get(path))).toMatch(/^"\d+\.[\w-]{16}"$/)
  })

  it('and elsewhere it is refused, not ignored', async () => {
    const headers = { 'if-match': '"1"' }
    expect(refusal(await ours.cloud.post('/org/v2/environments', renamed(), headers))).toEqual([400, 'If-Match'])
  })
})

describe('a change is made if nobody made one since the ETag was answered', () => {
  it.each(each)('%s', async (_, change) => {
    const thing = await change.make()
    const etag = await readEtag(thing)
    expect(await readEtag(thing)).toBe(etag)
    for (const other of ['"999999"', '"abc"', `W/${etag}`, '""']) {
      expect([other, ...refusal(await send(change, thing, other))]).toEqual([other, 412, 'If-Match'])
    }
    for (const unreadable of ['x', etag.slice(1), `${etag};`]) {
      expect([unreadable, ...refusal(await send(change, thing, unreadable))]).toEqual([unreadable, 400, 'If-Match'])
    }
    expect(await readEtag(thing)).toBe(etag)

    const answer = await send(change, thing, `"999999", ${etag}`)
    expect(answer.status).toBeLessThan(300)
    expect((await ours.cloud.get(thing.read)).status).toBe(change.body === undefined ? 404 : 200)
  })

  it.each(patches)('%s answers the ETag that it has then, and what was read before is refused', async (_, change) => {
    const thing = await change.make()
    const before = await readEtag(thing)
    const after = etagOf(await send(change, thing))
    expect(after).not.toBe(before)
    expect(await readEtag(thing)).toBe(after)
    expect(refusal(await send(change, thing, before))).toEqual([412, 'If-Match'])
    expect((await send(change, thing, '*')).status).toBe(200)
    expect((await ours.cloud.get(thing.read)).headers.get('etag')).not.toBe(after)
  })

  it.each(each)('%s: what is not there is a 404, with * and with an ETag that it once had', async (_, change) => {
    const thing = await change.make()
    const gone = { ...thing, path: thing.path.replace(/[^/?]+(?=\?|$)/, (id) => id.replace(/.{4}$/, '0000')) }
    if (change.operation === 'updateTributaryV1ServiceQuota') gone.path = `${thing.path}s`
    for (const ifMatch of ['*', await readEtag(thing)])
      expect(refusal(await send(change, gone, ifMatch))).toEqual([404])
  })
})

const meet = ({ row }: Thing, requests: (() => Promise<ApiAnswer>)[]) => {
  const column = row.table === 'applied_service_quotas' ? 'scope_id' : 'id'
  return meetAt(
    prisma,
    (transaction) =>
      transaction.$executeRawUnsafe(`SELECT 1 FROM ${row.table} WHERE ${column}::text = $1 FOR UPDATE`, row.id),
    requests,
  )
}

describe('of two changes that go out from the same ETag one is made', () => {
  it.each(patches)('%s', async (_, change) => {
    const thing = await change.make()
    const etag = await readEtag(thing)
    const answers = await meet(thing, [() => send(change, thing, etag), () => send(change, thing, etag)])
    const lost = answers.filter(({ status }) => status !== 200)
    expect(lost.map((answer) => refusal(answer))).toEqual([[412, 'If-Match']])
    const made = answers.filter(({ status }) => status === 200)
    expect(made.map((answer) => etagOf(answer))).toEqual([await readEtag(thing)])
  })

  it.each(each.filter(([, { body }]) => body === undefined))(
    '%s, and not what was changed before it',
    async (id, remove) => {
      const updates = id.replace('delete', 'update')
      const update = changes.find(({ operation }) => operation === updates)
      const thing = await remove.make()
      const etag = await readEtag(thing)
      const first = update ?? remove
      const [won, lost] = await meet(thing, [() => send(first, thing, etag), () => send(remove, thing, etag)])
      expect(won?.status).toBeLessThan(300)
      expect(lost && refusal(lost)[0]).toBe(update === undefined ? 404 : 412)
    },
  )

  it('of eight, all at once', async () => {
    const thing = await account()
    for (let round = 0; round < 5; round++) {
      const request = { body: { description: name() }, headers: { 'if-match': await readEtag(thing) } }
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => ours.cloud.request('PATCH', thing.path, request)),
      )
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        200, 412, 412, 412, 412, 412, 412, 412,
      ])
    }
  })
})

describe('an ETag changes with all that shows', () => {
  it('with what is only observed too, which is no reason to refuse a change', async () => {
    const thing = await cluster()
    const before = await readEtag(thing)
    await queryAsOwner(installation.databaseUrl, `UPDATE kafka_clusters SET phase = 'PROVISIONED' WHERE id = $1`, [
      thing.row.id,
    ])
    expect(await readEtag(thing)).not.toBe(before)
    const body = { spec: { display_name: name(), environment: { id: ours.environmentId } } }
    const answer = await ours.cloud.request('PATCH', thing.path, { body, headers: { 'if-match': before } })
    expect(answer.status).toBe(200)
  })

  it('with a principal that leaves a client quota because it is deleted', async () => {
    const [staying, leaving] = [await account(), await account()]
    const quota = await clientQuota([staying.row.id, leaving.row.id])
    const before = await readEtag(quota)
    expect((await ours.cloud.delete(leaving.path)).status).toBe(204)
    expect((await ours.cloud.get(quota.read)).body.spec.principals).toHaveLength(1)
    const answer = await ours.cloud.request('DELETE', quota.path, { headers: { 'if-match': before } })
    expect(refusal(answer)).toEqual([412, 'If-Match'])
  })

  it('and is known from the first answer on, which an Idempotency-Key gives again', async () => {
    const body = renamed()
    const headers = { 'idempotency-key': `key-of-${body.display_name.replace(' ', '-')}` }
    const answers = [0, 1].map(async () => etagOf(await ours.cloud.post('/org/v2/environments', body, headers)))
    expect(await Promise.all(answers)).toEqual(['"1"', '"1"'])
    const again = await ours.cloud.post('/org/v2/environments', body, headers)
    const path = `/org/v2/environments/${again.body.id}`
    expect((await ours.cloud.request('DELETE', path, { headers: { 'if-match': '"1"' } })).status).toBe(204)
  })
})

describe('what a client has is not sent again', () => {
  it.each(patches)('%s', async (_, change) => {
    const thing = await change.make()
    const etag = await readEtag(thing)
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await ours.cloud.get(thing.read, { 'if-none-match': known })
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag])
    }
    await send(change, thing)
    expect((await ours.cloud.get(thing.read, { 'if-none-match': etag })).status).toBe(200)
  })
})
