import type { ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { operations } from '../../apps/api/src/operations.ts'
import { calls, type Call, type Sent } from './tenants/calls.ts'
import { holderOf } from './tenants/holders.ts'
import { crnOf, furnish, Maker, type Ids } from './tenants/ids.ts'
import { hasNoEnvironment, may, roles, type Role, type Where } from './tenants/rule.ts'
import { urlOf } from './tenants/urlOf.ts'

let installation: TestInstallation
let scopes: Record<Where, { ids: Ids; maker: Maker }>
let callers: Record<Role, ApiClient>

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  const [ours, theirs] = await Promise.all([installation.createOrganization(), installation.createOrganization()])
  const maker = new Maker(ours.cloud)
  const otherEnvironment = await maker.environment()
  const [own, near, far] = await Promise.all([
    furnish(installation, ours, ours.environmentId),
    furnish(installation, ours, otherEnvironment),
    furnish(installation, theirs, theirs.environmentId),
  ])
  scopes = {
    'own scope': { ids: own, maker },
    'other environment': { ids: near, maker },
    'other organization': { ids: far, maker: new Maker(theirs.cloud) },
  }
  const made = await Promise.all(
    roles.map(async (role) => [role, await holderOf(installation, ours, role, own)] as const),
  )
  callers = Object.fromEntries(made) as typeof callers
})
afterAll(() => installation[Symbol.asyncDispose]())

const declarationOf = (operation: string) => {
  const found = operations.find(({ id }) => id === operation)
  if (found === undefined) throw new Error(`there is no operation ${operation}`)
  return found
}

/** No role gives or takes these: a service account has neither a session nor a profile. */
const forEveryone: Record<string, Sent & { status: number }> = {
  listServiceQuotaV1Scopes: { status: 200 },
  getServiceQuotaV1Scope: { status: 200, params: { id: 'ORGANIZATION' } },
  getLoginRealm: { status: 200 },
  createSession: { status: 422, body: { email: 'nobody@example.com' } },
  createAccessToken: { status: 403, body: {} },
  getMe: { status: 404 },
  getFreeTrialInfo: { status: 200 },
  deleteSession: { status: 404 },
}

/** What the rule says that a caller is answered. */
function due(call: Call, role: Role, where: Where): string {
  const { verb, on, shows, inCluster, elsewhere, allowed } = call
  const isAllowed = may(role, verb, on, where)
  if (shows !== undefined) return isAllowed ? '200 with it' : '200 without it'
  if (where === 'other organization') return String(elsewhere?.(role) ?? 404)
  if (isAllowed) return String(allowed ?? declarationOf(call.operation).reply.status)
  if (inCluster && !may(role, 'r', 'cluster', where)) return '422'
  return verb === 'c' || may(role, 'r', on, where) ? '403' : '404'
}

async function answered(call: Call, role: Role, where: Where): Promise<string> {
  const { ids, maker } = scopes[where]
  // Who is refused spoils nothing: only who may needs something of its own.
  const named = may(role, call.verb, call.on, where) ? await freshly(call, ids, maker) : ids
  const { body, ...sent } = call.send(named, maker.unique())
  const declaration = declarationOf(call.operation)
  const answer = await callers[role].request(declaration.method, urlOf(declaration.path, sent), { body })
  if (call.shows === undefined) return String(answer.status)
  return `${answer.status} ${isShown(answer, call.shows(named)) ? 'with' : 'without'} it`
}

const isShown = (answer: ApiAnswer, id: string) => JSON.stringify(answer.body.data ?? []).includes(id)

/** How what is gone or taken after a call is made anew. */
const remade: Partial<Record<keyof Ids, (maker: Maker, ids: Ids) => Promise<string>>> = {
  serviceAccountId: (maker) => maker.serviceAccount(),
  granteeId: (maker) => maker.serviceAccount(),
  cloudKeyId: (maker, ids) => maker.cloudKey(ids),
  clusterKeyId: (maker, ids) => maker.clusterKey(ids),
  organizationBindingId: (maker, ids) => bound(maker, crnOf(ids).organization),
  environmentBindingId: (maker, ids) => bound(maker, crnOf(ids).environment),
  clusterBindingId: (maker, ids) => bound(maker, crnOf(ids).cluster),
  topicBindingId: (maker, ids) => bound(maker, crnOf(ids).topic),
  clientQuotaId: async (maker, ids) => maker.clientQuota(ids, await maker.serviceAccount()),
}

const bound = async (maker: Maker, crnPattern: string) => maker.binding(await maker.serviceAccount(), crnPattern)

async function freshly({ fresh }: Call, ids: Ids, maker: Maker): Promise<Ids> {
  if (fresh === undefined) return ids
  const make = remade[fresh]
  if (make === undefined) throw new Error(`say here how a fresh ${fresh} is made`)
  return { ...ids, [fresh]: await make(maker, ids) }
}

const wheres: readonly Where[] = ['own scope', 'other environment', 'other organization']
const cellsOf = ({ on, placeless }: Call): readonly Where[] => {
  if (placeless) return ['own scope']
  return hasNoEnvironment(on) ? wheres.filter((where) => where !== 'other environment') : wheres
}

const rowsOf = async (call: Call, cell: (role: Role, where: Where) => Promise<string> | string) =>
  Object.fromEntries(
    await Promise.all(
      cellsOf(call).map(async (where) => [
        where,
        Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await cell(role, where)]))),
      ]),
    ),
  )

describe('every operation answers every role as the rule says, wherever what it names is', () => {
  it('and every operation is called, but those that brokers decide on', () => {
    const decided = operations.filter(({ access }) => access !== 'broker').map(({ id }) => id)
    const called = [...calls.map(({ operation }) => operation), ...Object.keys(forEveryone)]
    expect([...new Set(called)].toSorted()).toEqual(decided.toSorted())
  })

  it.each(Object.entries(forEveryone))('%s, which is everyone’s', async (id, { status, params = {}, body }) => {
    const declaration = declarationOf(id)
    const found = await Promise.all(
      roles.map((role) => callers[role].request(declaration.method, urlOf(declaration.path, { params }), { body })),
    )
    expect(found.map((answer) => answer.status)).toEqual(roles.map(() => status))
  })

  it.each(calls.map((call) => [`${call.operation} (${call.on})`, call] as const))('%s', async (_name, call) => {
    expect(await rowsOf(call, (role, where) => answered(call, role, where))).toEqual(
      await rowsOf(call, (role, where) => due(call, role, where)),
    )
  })
})
