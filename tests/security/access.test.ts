import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { loadFormation, type ClusterFormation } from '@tributary/control/kafkaClusters/formation'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma } from '@tributary/database/database'
import { issueControlPlaneCertificate } from '@tributary/kafka/clusterCertificates'
import { issueClusterToken } from '@tributary/kafka/clusterToken'
import { withAdmin } from '@tributary/kafka/connection'
import { issueCertificate, type CertificateAuthority } from '@tributary/kit/certificates'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { Address } from '@tributary/orchestrators/contract'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Attempts } from './attempts.ts'
import { WireConnection } from './wire.ts'

type Key = Awaited<ReturnType<typeof createClusterKey>>

const topic = 'orders'
let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let other: ProvisionedCluster
let formation: ClusterFormation
let otherFormation: ClusterFormation
let installationAuthority: CertificateAuthority
let ca: string
let tokenPrivateKey: string
let external: Address
let administrator: Key
let attempts: Attempts

beforeAll(async () => {
  ;[installation, attempts] = await Promise.all([TestInstallation.start(inject('postgresUrl')), Attempts.compile()])
  organization = await installation.createOrganization()
  ;[cluster, other] = await Promise.all([
    createCluster(organization, { display_name: 'tried' }),
    createCluster(organization, { display_name: 'other' }),
  ])
  const opened = await openInstallation(installation.home)
  installationAuthority = opened.authority
  ca = opened.authority.certificatePem
  tokenPrivateKey = opened.tokenKey.privateKeyPem
  const prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  const formed = async (id: string) => {
    const found = await loadFormation(id, { prisma, installation: opened })
    if (found === undefined) throw new Error(`${id} is not formed`)
    return found
  }
  ;[formation, otherFormation] = [await formed(cluster.id), await formed(other.id)]
  await prisma.$disconnect()
  external = brokerOf(formation).endpoints.external.advertised
  administrator = await createClusterKey(installation, organization, cluster)
  for (const name of [topic, `${topic}-spare`, 'denied']) {
    const created = await administrator.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: name })
    if (created.status !== 201) throw new Error(created.text)
  }
})
afterAll(async () => {
  await attempts[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

function brokerOf({ brokers: [broker] }: ClusterFormation) {
  if (broker === undefined) throw new Error('a cluster without brokers')
  return broker
}

const serviceAccount = async (name: string): Promise<string> => {
  const created = await organization.cloud.post('/iam/v2/service-accounts', { display_name: name, description: '' })
  expect(created.status).toBe(201)
  return created.body.id
}

const revoke = async (key: KafkaLogin) => {
  const answer = await organization.cloud.delete(`/iam/v2/api-keys/${key.key.id}`)
  expect(answer.status).toBe(204)
}

/** What the listener for clients says to a name and a secret. */
const login = async (id: string, secret: string, options: { authorizationId?: string; mechanism?: string } = {}) => {
  using connection = await WireConnection.open(external, { ca })
  return await connection.authenticate({ id, secret }, options.authorizationId, options.mechanism)
}

const refusedBy = (error: string, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, error]))

const acl = (...args: string[]) => runKafkaTool(administrator, 'AclCommand', ['--force', ...args])

describe('only an API key of this cluster, with its own secret, opens a connection', () => {
  it('accepts the key', async () => {
    expect(await login(administrator.key.id, administrator.key.secret)).toBe('accepted')
  })

  it('refuses a wrong secret, an unknown key and a key of another cluster', async () => {
    const { id, secret } = administrator.key
    expect(await login(id, `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBe('refused')
    expect(await login(id, '')).toBe('refused')
    expect(await login('AAAAAAAAAAAAAAAA', secret)).toBe('refused')
    const elsewhere = await createClusterKey(installation, organization, other)
    expect(await login(elsewhere.key.id, elsewhere.key.secret)).toBe('refused')
    expect(await login(organization.cloudKey.id, organization.cloudKey.secret)).toBe('refused')
  })

  it('refuses a forged name', async () => {
    const { id, secret } = administrator.key
    const names = [`Broker:${cluster.id}-1`, `ControlPlane:${cluster.id}`, `User:${organization.administratorId}`]
    for (const name of [...names, organization.administratorId, '', 'ANONYMOUS']) {
      expect(await login(name, secret)).toBe('refused')
    }
    for (const authorizationId of [...names, organization.administratorId, 'AAAAAAAAAAAAAAAA']) {
      expect(await login(id, secret, { authorizationId })).toBe('refused')
    }
    expect(await login(id, secret, { authorizationId: id })).toBe('accepted')
  })

  it('refuses every other mechanism, and whoever does not authenticate at all', async () => {
    const { id, secret } = administrator.key
    for (const mechanism of ['SCRAM-SHA-256', 'OAUTHBEARER', 'GSSAPI', 'ANONYMOUS']) {
      expect(await login(id, secret, { mechanism })).toBe('refused')
    }
    using connection = await WireConnection.open(external, { ca })
    await expect(connection.request(3, 4, Buffer.of(0, 0, 0, 0, 0))).rejects.toThrow('closed')
  })

  it('is no broker on the listener for clients, whatever certificate it shows', async () => {
    const { certificatePem: cert, privateKeyPem: key } = await issueControlPlaneCertificate(
      cluster.id,
      formation.authority,
      new Date(),
    )
    using connection = await WireConnection.open(external, { ca, cert, key })
    await expect(connection.request(3, 4, Buffer.of(0, 0, 0, 0, 0))).rejects.toThrow('closed')
  })
})

/** How soon is a figure: `npm run bench -- access`. */
describe('a revoked key cannot open a connection, and loses the ones it has', () => {
  it('ends an open connection once it is told', { timeout: 15_000 }, async () => {
    const key = await createClusterKey(installation, organization, cluster)
    using connection = await WireConnection.open(external, { ca })
    expect(await connection.authenticate(key.key)).toBe('accepted')
    const askedUntilRefused = (async () => {
      while ((await connection.ask()) === 'answered') continue
    })()
    await Promise.all([revoke(key), connection.ended, askedUntilRefused])
    expect(await login(key.key.id, key.key.secret)).toBe('refused')
    expect(await attempts.make(key, { id: cluster.id, topic }, ['produce', 'list topics'])).toEqual({
      produce: 'SaslAuthenticationException',
      'list topics': 'SaslAuthenticationException',
    })
  })

  it('accepts a new key once it is told', async () => {
    const created = await organization.cloud.post('/iam/v2/api-keys', {
      spec: { owner: { id: organization.administratorId }, resource: { id: cluster.id } },
    })
    expect(created.status).toBe(202)
    await waitUntil(async () => (await login(created.body.id, created.body.spec.secret)) === 'accepted', {
      timeoutMs: 5000,
      everyMs: 5,
      what: 'the key to be accepted',
    })
  })
})

/** What the listener for clients says to a bearer. */
const present = async (token: string, options: { authorizationId?: string; pairs?: string } = {}) => {
  using connection = await WireConnection.open(external, { ca })
  return await connection.authenticateWithToken(token, options)
}
const topicsSeenBy = (token: string) =>
  withAdmin(
    { clientId: 'bearer', bootstrap: [external], tls: { ca }, sasl: { mechanism: 'OAUTHBEARER', token } },
    (admin) => admin.listTopics(),
  )
const tokenFor = (principalId: string, clusterId: string = cluster.id, now = new Date()) =>
  issueClusterToken({ principalId, clusterId }, tokenPrivateKey, now)

describe("a token of the installation opens a connection as its principal, for this cluster and until the token's end", () => {
  it('accepts it, whatever the client says beside it', async () => {
    const token = tokenFor(organization.administratorId)
    expect(await present(token)).toBe('accepted')
    expect(await present(token, { authorizationId: organization.administratorId })).toBe('accepted')
    expect(await present(token, { pairs: `logicalCluster=${other.id}\u0001identityPoolId=pool-1\u0001` })).toBe(
      'accepted',
    )
  })

  it('refuses one for another cluster, of another key, of another time, or with another name', async () => {
    const administrator = organization.administratorId
    const { privateKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const [header, , signature] = tokenFor('sa-1').split('.')
    const claims = tokenFor(administrator).split('.')[1]
    const refused = [
      tokenFor(administrator, other.id),
      issueClusterToken({ principalId: administrator, clusterId: cluster.id }, privateKey, new Date()),
      tokenFor(administrator, cluster.id, new Date(Date.now() - 61_000)),
      tokenFor(administrator, cluster.id, new Date(Date.now() + 3_600_000)),
      ...[`ControlPlane:${cluster.id}`, `Broker:${cluster.id}-1`, 'pool-1', 'ANONYMOUS', 'sa-1,sa-2'].map((name) =>
        tokenFor(name),
      ),
      `${header}.${claims}.${signature}`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.${signature}`,
    ]
    expect(await Promise.all(refused.map((token) => present(token)))).toEqual(refused.map(() => 'refused'))
    expect(await present(tokenFor(administrator), { authorizationId: 'sa-1' })).toBe('refused')
  })

  it('ends the connection with the token', async () => {
    using connection = await WireConnection.open(external, { ca })
    const leftMs = 2000
    const issuedAt = Math.floor(Date.now() / 1000) * 1000 + leftMs - 60_000
    const token = tokenFor(organization.administratorId, cluster.id, new Date(issuedAt))
    expect(await connection.authenticateWithToken(token)).toBe('accepted')
    expect(await connection.ask()).toBe('answered')
    await waitUntil(async () => (await connection.ask()) === 'refused', { timeoutMs: 10_000, what: 'the end' })
    expect(await connection.ended).toBeGreaterThanOrEqual(issuedAt + 60_000)
  })

  it('survives a message made of nothing but pairs', async () => {
    const pairs = 'a=b\u0001'
    for (const bytes of [1000, 1900, 100_000]) {
      expect(await present('x', { pairs: pairs.repeat(bytes / pairs.length) })).toBe('refused')
    }
    const log = path.join(installation.home, 'workloads', cluster.id, 'members/1/logs/server.log')
    expect(await readFile(log, 'utf8')).not.toContain('StackOverflowError')
  })

  it('may do what the principal may', async () => {
    const everything = expect.arrayContaining([topic, 'denied'])
    expect(await topicsSeenBy(tokenFor(organization.administratorId))).toEqual(everything)
    expect(await topicsSeenBy(tokenFor(await serviceAccount('bearer')))).toEqual([])
  })
})

/** What the control plane keeps for itself, and the client's names for being refused it. */
const controlPlaneOnly = {
  ...refusedBy('ClusterAuthorizationException', [
    'reassign partitions',
    'elect leaders',
    'alter broker config',
    'alter cluster config',
    'alter broker loggers',
    'alter quotas',
    'alter features',
    'unregister broker',
    'add voter',
    'remove voter',
    'alter scram',
    'move log directories',
    'abort a transaction',
  ]),
  ...refusedBy('DelegationTokenDisabledException', ['create delegation token']),
  ...refusedBy('TransactionalIdAuthorizationException', [
    "take the control plane's transactional id",
    'fence the control plane',
  ]),
  ...refusedBy('TopicAuthorizationException', [
    'read access',
    'describe access',
    'create an internal topic',
    'create a topic of ours',
    ...['__tributary_access', '__consumer_offsets', '__transaction_state'].flatMap((internal) => [
      `write ${internal}`,
      `truncate ${internal}`,
      `configure ${internal}`,
    ]),
  ]),
}

describe('an administrator has everything but what belongs to the control plane', () => {
  it('is allowed topics, groups, transactions and ACLs, and nothing that the control plane keeps', async () => {
    const results = await attempts.make(administrator, { id: cluster.id, topic })
    expect(results).toEqual({
      ...controlPlaneOnly,
      'list topics': expect.stringMatching(/^ok .*orders/),
      'create partitions': 'ok',
      ...refusedBy('ok', ['describe topic', 'produce', 'consume', 'join group', 'transaction', 'create topic']),
      ...refusedBy('ok', ['delete topic', 'delete records', 'describe topic config', 'alter topic config']),
      ...refusedBy('ok', ['describe group', 'alter group offsets', 'describe acls', 'create acl', 'delete acl']),
      ...refusedBy('ok', ['describe broker config', 'list reassignments', 'describe quorum']),
      ...refusedBy('ok', ['plain produce', 'transactional produce', 'commit offsets', 'create matching topic']),
      // Allowed, and there is none.
      'delete group': 'GroupIdNotFoundException',
      'delete matching topic': 'UnknownTopicOrPartitionException',
    })
  })
})

describe("a service account's key can do what ACLs allow, and nothing else", () => {
  const everything = {
    ...controlPlaneOnly,
    'list topics': 'ok []',
    ...refusedBy('TopicAuthorizationException', ['describe topic', 'produce', 'consume', 'join group', 'create topic']),
    ...refusedBy('TopicAuthorizationException', ['delete topic', 'create partitions', 'delete records']),
    ...refusedBy('TopicAuthorizationException', ['describe topic config', 'alter topic config']),
    ...refusedBy('TopicAuthorizationException', ['plain produce', 'create matching topic', 'delete matching topic']),
    ...refusedBy('GroupAuthorizationException', ['describe group', 'alter group offsets']),
    ...refusedBy('GroupAuthorizationException', ['commit offsets', 'delete group']),
    ...refusedBy('TransactionalIdAuthorizationException', ['transaction', 'transactional produce']),
    'abort a transaction': 'TopicAuthorizationException',
    ...refusedBy('ClusterAuthorizationException', ['describe acls', 'create acl', 'delete acl']),
    ...refusedBy('ClusterAuthorizationException', ['describe broker config', 'list reassignments', 'describe quorum']),
  }

  it('can do nothing without rights, exactly what an ACL says with one, and nothing once it is gone', async () => {
    const account = await serviceAccount('orders')
    const key = await createClusterKey(installation, organization, cluster, account)
    const tried = { id: cluster.id, topic }
    expect(await attempts.make(key, tried)).toEqual(everything)

    const grant = ['--allow-principal', `User:${account}`, '--operation', 'READ', '--topic', topic]
    expect((await acl('--add', ...grant)).code).toBe(0)
    expect(await attempts.make(key, tried)).toEqual({
      ...everything,
      'list topics': `ok [${topic}]`,
      'describe topic': 'ok',
      consume: 'ok',
      'join group': 'GroupAuthorizationException',
      // Who sees the topic is told what exactly it lacks: WRITE on any topic, and the cluster's own action.
      produce: 'ClusterAuthorizationException',
      'abort a transaction': 'ClusterAuthorizationException',
    })

    expect(await topicsSeenBy(tokenFor(account))).toEqual([topic])

    expect((await acl('--remove', ...grant)).code).toBe(0)
    expect(await attempts.make(key, tried, ['consume', 'list topics'])).toEqual({
      consume: 'TopicAuthorizationException',
      'list topics': 'ok []',
    })
  })

  it('creates the topics that CREATE on the cluster allows, and no internal one', async () => {
    const account = await serviceAccount('creator')
    const key = await createClusterKey(installation, organization, cluster, account)
    const granted = await acl('--add', '--allow-principal', `User:${account}`, '--operation', 'CREATE', '--cluster')
    expect(granted.code).toBe(0)
    const names = ['create topic', 'create an internal topic', 'create a topic of ours', 'produce']
    expect(await attempts.make(key, { id: cluster.id, topic }, names)).toEqual({
      'create topic': 'ok',
      ...refusedBy('TopicAuthorizationException', names.slice(1)),
    })
  })
})

describe('a DENY wins', () => {
  it("over an administrator's role, and only where it says so", async () => {
    const denial = [
      '--deny-principal',
      `User:${organization.administratorId}`,
      '--operation',
      'WRITE',
      '--topic',
      'denied',
    ]
    expect((await acl('--add', ...denial)).code).toBe(0)
    expect(
      await attempts.make(administrator, { id: cluster.id, topic: 'denied' }, ['produce', 'describe topic']),
    ).toEqual({
      produce: 'TopicAuthorizationException',
      'describe topic': 'ok',
    })
    expect(await attempts.make(administrator, { id: cluster.id, topic }, ['produce'])).toEqual({ produce: 'ok' })
  })
})

const listeners = () => {
  const { controller, internal } = brokerOf(formation).endpoints
  return [controller.advertised, internal.advertised]
}
const askInside = async (listener: Address, identity: { cert?: string; key?: string }) => {
  try {
    using connection = await WireConnection.open(listener, { ca: formation.authority.certificatePem, ...identity })
    return await connection.ask()
  } catch {
    return 'refused'
  }
}
const issue = async (authority: CertificateAuthority, commonName: string, organizationalUnit?: string) => {
  const subject = { commonName, hosts: [], ...(organizationalUnit === undefined ? {} : { organizationalUnit }) }
  const { certificatePem, privateKeyPem } = await issueCertificate(authority, subject, new Date())
  return { cert: certificatePem, key: privateKeyPem }
}

describe('inside a cluster only its own certificates count', () => {
  it("answers the control plane's", async () => {
    const identity = await issue(formation.authority, cluster.id, 'ControlPlane')
    for (const listener of listeners()) expect(await askInside(listener, identity)).toBe('answered')
  })

  it.each<[string, () => Promise<{ cert?: string; key?: string }>]>([
    ['no certificate', async () => ({})],
    ["another cluster's broker", () => issue(otherFormation.authority, `${other.id}-1`, 'Broker')],
    [
      "another cluster's authority in this one's name",
      () => issue(otherFormation.authority, cluster.id, 'ControlPlane'),
    ],
    ["the installation's authority", () => issue(installationAuthority, `${cluster.id}-1`, 'Broker')],
    ['this authority, but a name that is neither', () => issue(formation.authority, `${cluster.id}-1`)],
    ['this authority, but a user', () => issue(formation.authority, organization.administratorId, 'User')],
    ['this authority, a name with a unit inside', () => issue(formation.authority, 'x,OU=Broker', 'Client')],
  ])('refuses %s', async (_, identity) => {
    const shown = await identity()
    for (const listener of listeners()) expect(await askInside(listener, shown)).toBe('refused')
  })

  it('refuses API keys there', async () => {
    for (const listener of listeners()) {
      const identity = await issue(formation.authority, cluster.id, 'ControlPlane')
      using connection = await WireConnection.open(listener, { ca: formation.authority.certificatePem, ...identity })
      expect(await connection.authenticate(administrator.key)).toBe('refused')
    }
  })
})
