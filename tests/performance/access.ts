import { readFile } from 'node:fs/promises'
import type { Address } from '@tributary/orchestrators/contract'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { WireConnection } from '../security/wire.ts'
import { enforcedAfterMs } from './enforcedAfterMs.ts'
import { milliseconds, percentile, type Figure } from './figure.ts'
import { measureGrants } from './grants.ts'

const samples = 60
const delayed = '; 100 ms of it is how long Kafka keeps a refused client waiting'

/** How soon brokers follow what the API has answered, seen by raw requests of the Kafka protocol. */
export async function measureAccess(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const ca = await readFile(installation.caFile, 'utf8')
  const one = await createCluster(organization, { display_name: 'one' })
  const ofOne = await measureKeys(installation, organization, one, ca)
  const started = await startedAfterMs(installation, one)
  const three = await createCluster(organization, { display_name: 'three', availability: 'MULTI_ZONE' })
  const ofThree = await measureKeys(installation, organization, three, ca)
  const [grantsOnOne, grantsOnThree] = [
    await measureGrants(installation, organization, one, ca),
    await measureGrants(installation, organization, three, ca),
  ]
  return [
    figure('key: 202 → accepted, one broker', ofOne.accepted, 500),
    figure('key: 204 → its connection ended and new ones refused, one broker', ofOne.ended, 500, delayed),
    figure('key: 202 → accepted by all of three brokers', ofThree.accepted, 500),
    figure('key: 204 → ended and refused by all of three brokers', ofThree.ended, 500, delayed),
    figure('role binding: 201 → enforced, one broker', grantsOnOne.granted, 500),
    figure('role binding: 200 → taken away, one broker', grantsOnOne.taken, 500),
    figure('ACL: 201 → enforced, one broker', grantsOnOne.acl, 500),
    figure('role binding: 201 → enforced by all of three brokers', grantsOnThree.granted, 500),
    figure('role binding: 200 → taken away by all of three brokers', grantsOnThree.taken, 500),
    figure('ACL: 201 → enforced by all of three brokers', grantsOnThree.acl, 500),
    figure('change of access: commit → its job has begun', started, 100, '; by the clock of the database'),
  ]
}

function figure(what: string, measured: readonly number[], atMostMs: number, how = ''): Figure {
  const p99 = percentile(measured, 0.99)
  return {
    what: `${what} (p99)`,
    measured: milliseconds(p99),
    atMost: `${atMostMs} ms`,
    holds: p99 <= atMostMs,
    note: `p50 ${milliseconds(percentile(measured, 0.5))}; ${measured.length} changes, one after the other${how}`,
  }
}

async function measureKeys(
  installation: TestInstallation,
  organization: Organization,
  cluster: ProvisionedCluster,
  ca: string,
): Promise<{ accepted: number[]; ended: number[] }> {
  await createClusterKey(installation, organization, cluster)
  const brokers = cluster.bootstrap.split(',').map((address): Address => {
    const [host = '', port = ''] = address.split(':')
    return { host, port: Number(port) }
  })
  const [accepted, ended]: [number[], number[]] = [[], []]
  for (let sample = 0; sample < samples; sample++) {
    let key = { id: '', secret: '' }
    const create = async () => {
      const { status, body, text } = await organization.cloud.post('/iam/v2/api-keys', {
        spec: { owner: { id: organization.administratorId }, resource: { id: cluster.id } },
      })
      if (status !== 202) throw new Error(text)
      key = { id: body.id, secret: body.spec.secret }
    }
    const everyBrokerSays = async (answer: 'accepted' | 'refused') => {
      const said = brokers.map(async (broker) => {
        using connection = await WireConnection.open(broker, { ca })
        return await connection.authenticate(key)
      })
      return (await Promise.all(said)).every((each) => each === answer)
    }
    accepted.push(await enforcedAfterMs(create, () => everyBrokerSays('accepted')))

    using open = await openConnections(brokers, key, ca)
    const remove = () => organization.cloud.delete(`/iam/v2/api-keys/${key.id}`)
    ended.push(await enforcedAfterMs(remove, async () => (await open.haveEnded()) && everyBrokerSays('refused')))
  }
  return { accepted, ended }
}

/** Connections that ask something again and again, as clients do. */
async function openConnections(brokers: readonly Address[], key: { id: string; secret: string }, ca: string) {
  const connections = await Promise.all(brokers.map((broker) => WireConnection.open(broker, { ca })))
  for (const connection of connections) {
    if ((await connection.authenticate(key)) !== 'accepted') throw new Error('the key was refused')
  }
  return {
    haveEnded: async () => {
      const said = await Promise.all(connections.map((connection) => connection.ask()))
      return said.every((answer) => answer === 'refused')
    },
    [Symbol.dispose]: () => connections.forEach((connection) => connection[Symbol.dispose]()),
  }
}

/** By the database's clock, from the transaction of each change (its audit row) to the first step begun after it. */
async function startedAfterMs({ databaseUrl }: TestInstallation, { id }: ProvisionedCluster): Promise<number[]> {
  const rows = await queryAsOwner<{ ms: number }>(
    databaseUrl,
    `SELECT (1000 * extract(epoch FROM min(started_at) - occurred_at))::float8 AS ms
     FROM audit_events JOIN api_keys ON api_keys.id = audit_events.resource_id AND api_keys.resource_id = $1
     JOIN steps ON steps.resource_id = $1 AND steps.kind = 'kafka-access' AND steps.started_at > occurred_at
     GROUP BY audit_events.sequence, occurred_at`,
    [id],
  )
  return rows.map(({ ms }) => ms)
}
