import { readFile } from 'node:fs/promises'
import { controlPlaneConnection } from '@tributary/control/kafkaClusters/controlPlaneConnection'
import { loadFormation, type ClusterFormation } from '@tributary/control/kafkaClusters/formation'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, type Prisma } from '@tributary/database/database'
import type { AccessRecord } from '@tributary/kafka/accessTopic'
import { keyUsageTopic } from '@tributary/kafka/brokerConfiguration'
import { issueBrokerCertificates } from '@tributary/kafka/clusterCertificates'
import { withAdmin, type KafkaConnection } from '@tributary/kafka/connection'
import { kafkaErrorsOf } from '@tributary/kafka/kafkaErrors'
import { AccessPublisher } from '@tributary/kafka/publishAccess'
import { readAccess } from '@tributary/kafka/readAccess'
import { kafkaWorkload } from '@tributary/kafka/workload'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { Address } from '@tributary/orchestrators/contract'
import { createCluster, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { WireConnection } from '../security/wire.ts'

/** One cluster of one broker, whose access everything happens to in turn. */
let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let prisma: Prisma
let external: Address
let inside: KafkaConnection
let ca: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  ca = await readFile(installation.caFile, 'utf8')
  cluster = await createCluster(organization)
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  const formation = await loadFormation(cluster.id, { prisma, installation: await openInstallation(installation.home) })
  if (formation === undefined) throw new Error('not formed')
  external = externalOf(formation)
  inside = await controlPlaneConnection(cluster.id, formation)
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

function externalOf({ brokers: [broker] }: ClusterFormation): Address {
  if (broker === undefined) throw new Error('a cluster without brokers')
  return broker.endpoints.external.advertised
}

interface Key {
  id: string
  secret: string
}

const create = async (): Promise<Key> => {
  const created = await organization.cloud.post('/iam/v2/api-keys', {
    spec: { owner: { id: organization.administratorId }, resource: { id: cluster.id } },
  })
  expect(created.status).toBe(202)
  return { id: created.body.id, secret: created.body.spec.secret }
}
const remove = async ({ id }: Key) => {
  expect((await organization.cloud.delete(`/iam/v2/api-keys/${id}`)).status).toBe(204)
}
/** What the broker says to a key: `closed` when it lets nobody in yet. */
const login = async (key: Key): Promise<'accepted' | 'refused' | 'closed'> => {
  try {
    using connection = await WireConnection.open(external, { ca })
    if ((await connection.ask()) !== 'answered') return 'closed'
    return await connection.authenticate(key)
  } catch {
    return 'closed'
  }
}
const says = (answer: 'accepted' | 'refused', ...keys: Key[]) =>
  waitUntil(async () => (await Promise.all(keys.map(login))).every((said) => said === answer), {
    timeoutMs: 20_000,
    everyMs: 20,
    what: `every key to be ${answer}`,
  })
const known = async (): Promise<Key> => {
  const key = await create()
  await says('accepted', key)
  return key
}
const sql = <Row>(text: string, ...values: unknown[]) => queryAsOwner<Row>(installation.databaseUrl, text, values)
const publication = () => prisma.accessPublication.findUniqueOrThrow({ where: { clusterId: cluster.id } })
const republish = async () => {
  const path = `/tributary/v1/clusters/${cluster.id}:republish-access`
  expect((await organization.cloud.post(path)).status).toBe(202)
  await waitUntil(async () => (await publication()).republishRequestedAt === null, {
    timeoutMs: 20_000,
    what: 'everything to be published again',
  })
}

describe('a worker that is killed while it publishes loses no change', () => {
  it('at each point, one after the other', async () => {
    const [doomed, keys] = [await known(), [] as Key[]]
    await installation.endProgram('worker', 'SIGTERM')
    for (const point of ['compare:after', 'publish:before', 'publish:after']) {
      // The first change that a process sees makes it compare the topic; the next one is published alone.
      await installation.startProgram('worker', { TRIBUTARY_FAILPOINT: `kafka-access:${point}` })
      keys.push(await create())
      if (point === 'compare:after') await remove(doomed)
      if (point.startsWith('publish')) await says('accepted', ...keys)
      if (point.startsWith('publish')) keys.push(await create())
      await waitUntil(() => installation.program('worker')?.signalCode === 'SIGKILL', {
        timeoutMs: 20_000,
        what: `${point} to kill the worker`,
      })
    }
    await installation.startProgram('worker')
    await says('accepted', ...keys)
    expect(await login(doomed)).toBe('refused')
  })
})

describe('a publisher that was paused brings no revoked key back', () => {
  it('is fenced by who published meanwhile, though it had read before', async () => {
    const key = await known()
    const alive = await publishedOf(key)
    const paused = new AccessPublisher()
    let reads = 0
    const late = paused.publish(cluster.id, inside, async () => {
      reads++
      await remove(key)
      await says('refused', key)
      return [alive]
    })
    const refusals = kafkaErrorsOf(await late.catch((error: unknown) => error)).map(({ apiId }) => apiId)
    expect(refusals).toContain('PRODUCER_FENCED')
    expect(reads).toBe(1)
    expect(await login(key)).toBe('refused')
    expect((await readAccess(inside)).get(`key/${key.id}`)?.last.content).toEqual({ deleted: true })
    await known()
  })

  it('reads again what it publishes when its open producer was fenced', async () => {
    const publisher = new AccessPublisher()
    await publisher.publish(cluster.id, inside, async () => [])
    const stale: AccessRecord = { ...(await publishedOf(await known())), key: 'key/STALE' }
    let reads = 0
    await publisher.publish(cluster.id, inside, async () => {
      reads++
      return reads === 1 ? [stale] : []
    })
    expect(reads).toBe(2)
    expect((await readAccess(inside)).has('key/STALE')).toBe(false)
    await known()
  })
})

async function publishedOf({ id }: Key): Promise<AccessRecord> {
  const { revision = 0, content } = (await readAccess(inside)).get(`key/${id}`)?.last ?? {}
  if (content === undefined) throw new Error(`${id} was not published`)
  return { key: `key/${id}`, revision, content }
}

describe('a database that was restored from a backup is what brokers follow', () => {
  it('ends keys that it does not know, brings back those that it has, and numbers go on above all', async () => {
    const [unknown, returning, kept] = [await known(), await known(), await known()]
    const [before] = await sql<{ revision: string }>('SELECT revision FROM api_keys WHERE id = $1', returning.id)
    await remove(returning)
    await says('refused', returning)
    await installation.endProgram('worker', 'SIGTERM')
    await sql('DELETE FROM api_keys WHERE id = $1', unknown.id)
    await sql('UPDATE api_keys SET deleted_at = NULL, revision = $2 WHERE id = $1', returning.id, before?.revision)
    await sql("SELECT setval('access_revisions', 1)")
    await installation.startProgram('worker')

    await republish()
    await says('accepted', returning, kept)
    await says('refused', unknown)
    await remove(kept)
    await says('refused', kept)
    expect(await login(returning)).toBe('accepted')
    await known()
  })
})

describe('a key that has expired counts no longer', () => {
  it('is deleted, and the brokers are told', async () => {
    const key = await known()
    await sql("UPDATE api_keys SET expires_at = now() + interval '300 ms' WHERE id = $1", key.id)
    // Whatever looks at the access finds when the key expires.
    await known()
    await says('refused', key)
    const read = async () => (await organization.cloud.get(`/iam/v2/api-keys/${key.id}`)).status
    expect(await read()).toBe(404)
    expect((await publishedOf(key)).content).toEqual({ deleted: true })
  })
})

describe('ten thousand keys are published together', () => {
  it('in batches of one transaction, and the topic read again holds them all', async () => {
    const key = await known()
    // Without triggers: more than the quota of a cluster.
    await sql(`SET session_replication_role = replica;
      INSERT INTO api_keys (id, organization_id, owner_id, resource_id, display_name, description, salt, hash, revision)
      SELECT 'MANY' || lpad(n::text, 12, '0'), organization_id, owner_id, resource_id, '', '', salt, hash, revision
      FROM api_keys CROSS JOIN generate_series(1, 10000) AS n WHERE id = '${key.id}'`)
    const begin = performance.now()
    await republish()
    console.log(`10,000 keys: published again in ${Math.round(performance.now() - begin)} ms`)
    const published = await readAccess(inside)
    const many = [...published].filter(([name, { last }]) => name.startsWith('key/MANY') && last.content !== undefined)
    expect(many).toHaveLength(10_000)
    await says('accepted', { id: 'MANY000000010000', secret: key.secret }, await known())
  })
})

describe('a key that was deleted while the only broker was down is dead when it returns', () => {
  it('is refused from the first moment on which the broker lets anyone in', async () => {
    const [doomed, kept] = [await known(), await known()]
    await installation.endProgram('worker', 'SIGTERM')
    const [pid] = await processesIn(`${installation.home}/workloads`)
    if (pid === undefined) throw new Error('the broker does not run')
    process.kill(pid, 'SIGKILL')
    await remove(doomed)
    // A database that was restored from a backup knows less of leases than what runs does.
    await sql("SELECT setval('lease_tokens', 1)")
    await installation.startProgram('worker')
    const first = await waitUntil(
      async () => {
        const said = await login(doomed)
        return said === 'closed' ? undefined : said
      },
      { timeoutMs: 60_000, everyMs: 5, what: 'the broker to let clients in' },
    )
    expect(first).toBe('refused')
    expect(await login(kept)).toBe('accepted')
  })
})

describe('a key that only a Kafka client uses was last used when it did', () => {
  it('on a cluster of before that was written down, by a login and by a connection that stays open', async () => {
    const [used, unused] = [await known(), await create()]
    await withAdmin(inside, (admin) => admin.deleteTopics({ topics: [keyUsageTopic] }))
    await sql('UPDATE access_publications SET usage_offset = 1000')
    await restartTelling(500)
    await says('accepted', used)
    await republish()
    const first = await lastUsedAfter(used, 0)
    expect(Math.abs(Date.now() - first)).toBeLessThan(60_000)

    using connection = await WireConnection.open(external, { ca })
    expect(await connection.authenticate(used)).toBe('accepted')
    const opened = Date.now()
    await lastUsedAfter(used, opened + 1000, () => connection.ask())
    expect(await lastUsed(unused)).toBe(0)
  })
})

/** Zero before the first use. */
const lastUsed = async ({ id }: Key): Promise<number> => {
  const { status, body } = await organization.cloud.get(`/tributary/v1/api-keys/${id}`)
  expect(status).toBe(200)
  return body.last_used_at === null ? 0 : Date.parse(body.last_used_at)
}

/** When a key was used last, once that is later; the worker looks as when the time of its next check has come. */
const lastUsedAfter = (key: Key, earliest: number, use: () => Promise<unknown> = async () => undefined) =>
  waitUntil(
    async () => {
      await use()
      const check = { kind_id: { kind: 'kafka-configuration', id: cluster.id } }
      await prisma.resource.update({ where: check, data: { nextCheckAt: new Date(0) } })
      const found = await lastUsed(key)
      return found > earliest ? found : undefined
    },
    { timeoutMs: 20_000, everyMs: 200, what: `the last use of ${key.id}` },
  )

/** The broker starts again and tells of keys this often. */
async function restartTelling(keyUsageIntervalMs: number) {
  await installation.endProgram('worker', 'SIGTERM')
  const [pid] = await processesIn(`${installation.home}/workloads`)
  if (pid === undefined) throw new Error('the broker does not run')
  process.kill(pid, 'SIGTERM')
  const opened = await openInstallation(installation.home)
  const formation = await loadFormation(cluster.id, { prisma, installation: opened })
  const [broker] = formation?.brokers ?? []
  if (formation === undefined || broker === undefined) throw new Error('not formed')
  const authorities = { cluster: formation.authority, installation: opened.authority }
  const manifest = kafkaWorkload(
    {
      id: cluster.id,
      uuid: formation.kafkaClusterId,
      formation: 'join',
      keyUsageIntervalMs,
      brokers: formation.brokers,
    },
    {
      authority: formation.authority.certificatePem,
      brokers: { [broker.id]: await issueBrokerCertificates(cluster.id, broker, authorities, new Date()) },
      tokenPublicKey: opened.tokenKey.publicKeyPem,
    },
  )
  await waitUntil(async () => !(await processesIn(`${installation.home}/workloads`)).includes(pid), {
    timeoutMs: 10_000,
    what: 'the broker to end',
  })
  const { token = 0 } = (await installation.orchestrator.observe(cluster.id)) ?? {}
  await installation.orchestrator.apply(manifest, token)
  await installation.startProgram('worker')
}
