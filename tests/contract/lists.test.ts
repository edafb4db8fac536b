import type { ApiAnswer } from '@tributary/testkit/apiClient'
import { operations } from '@tributary/api/operations'
import { clusterSpec } from '@tributary/testkit/clusters'
import { connectAsOwner, type OwnersConnection, queryAsOwner } from '@tributary/testkit/database'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { repeatable, Seeded, seedOfRun } from '@tributary/testkit/seeded'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, refusal } from './answers.ts'
import { hideOthers, type List, lists, type Place, type Rows } from './lists.ts'

type Tenant = Organization & Place

let installation: TestInstallation
let ours: Tenant
let theirs: Tenant
let postgres: OwnersConnection
let mutator: OwnersConnection

const seed = seedOfRun()

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  await queryAsOwner(installation.databaseUrl, 'UPDATE service_quotas SET default_limit = 1000000')
  postgres = await connected()
  mutator = await connected()
  ;[ours, theirs] = await Promise.all([furnish(), furnish()])
})
afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), mutator[Symbol.asyncDispose]()])
  await installation[Symbol.asyncDispose]()
})

/** Nothing here must outlive its Postgres. */
async function connected(): Promise<OwnersConnection> {
  const connection = await connectAsOwner(installation.databaseUrl)
  await connection.query('SET synchronous_commit = off')
  return connection
}

async function furnish(): Promise<Tenant> {
  const organization = await installation.createOrganization()
  const { cloud, environmentId, organizationId } = organization
  const cluster = clusterSpec(environmentId, { display_name: 'the cluster' })
  const [clusterId = ''] = await created(202, [cloud.post('/cmk/v2/clusters', cluster)])
  const account = cloud.post('/iam/v2/service-accounts', { display_name: 'the account' })
  const [serviceAccountId = ''] = await created(201, [account])
  await queryAsOwner(installation.databaseUrl, hideOthers, [organizationId])
  return { ...organization, clusterId, serviceAccountId }
}

const insert = (rows: Rows, positions: readonly number[], { organizationId } = ours, client = postgres) =>
  client.query(rows.insert, [positions, organizationId])
const remove = (rows: Rows, positions: readonly number[], { organizationId } = ours, client = postgres) =>
  client.query(rows.remove, [positions, organizationId])

/** Ids are never used again: each walk has positions of its own, a thousand apart. */
let lastBase = 0
function newPositions(count: number): number[] {
  lastBase += 1_000_000
  return Array.from({ length: count }, (_, index) => lastBase + (index + 1) * 1000)
}

const withQuery = (path: string, query: string) =>
  query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
const inOrder = ({ descending = false }: Rows, positions: Iterable<number>) =>
  [...positions].toSorted((a, b) => (descending ? b - a : a - b))
const positionsIn = (rows: Rows, { body }: ApiAnswer) => (body.data as unknown[]).map((item) => rows.position(item))

async function page(url: string, size: number): Promise<ApiAnswer> {
  const sized = url.includes('page_size=')
    ? url.replace(/page_size=\d+/, `page_size=${size}`)
    : withQuery(url, `page_size=${size}`)
  const answer = await ours.cloud.get(sized)
  if (answer.status !== 200) throw new Error(`${sized} answered ${answer.status}: ${answer.text}`)
  return answer
}

const filled = lists.filter((list): list is List & { rows: Rows } => list.rows !== undefined)
const named = <Each extends List>(some: readonly Each[]) => some.map((list) => [list.operation, list] as const)

const fieldsOf = (schema: unknown) => (schema as { shape?: Record<string, { type: string }> } | undefined)?.shape

describe('every list that is served is known here', () => {
  const served = operations.filter(
    ({ method, reply }) => method === 'GET' && fieldsOf(reply.body)?.['data']?.type === 'array',
  )
  const isPaged = ({ query }: (typeof served)[number]) => query !== undefined && 'page_token' in query.shape

  it('paged, with a way to fill it', () => {
    const paged = served.filter(isPaged).map(({ id }) => id)
    expect(paged.toSorted()).toEqual(lists.map(({ operation }) => operation).toSorted())
  })

  it('or of Kafka REST, which answers lists whole', () => {
    const whole = served.filter((list) => !isPaged(list))
    expect(whole.length).toBeGreaterThan(5)
    expect(whole.filter(({ envelope }) => envelope !== 'kafkaRest').map(({ id }) => id)).toEqual([])
  })
})

describe('pages show what is there after the row before them, whatever came and went meanwhile', () => {
  it.each(named(filled))('%s', async (_, { path, rows }) => {
    for (const round of [0, 1, 2]) {
      await repeatable(seed + round, async (random) => {
        const first = newPositions(random.between(5, 14))
        const stable = new Set(first.filter(() => random.chance(0.5)))
        const there = new Set(first)
        const used = new Set(first)
        const seen: number[] = []
        await insert(rows, first)
        let next: string | undefined = path(ours)
        for (let pages = 0; next !== undefined; pages++) {
          const size = random.between(1, 4)
          const rest = inOrder(rows, there).filter((position) =>
            seen.every((other) => comesAfter(rows, position, other)),
          )
          const answer: ApiAnswer = await page(next, size)
          const shown = positionsIn(rows, answer)
          next = answer.body.metadata.next
          expect([shown, next !== undefined]).toEqual([rest.slice(0, size), rest.length > size])
          seen.push(...shown)
          if (next !== undefined)
            await changeAround(rows, random, { there, stable, used, boundary: seen.at(-1) ?? 0, pages })
        }
        expect(seen.filter((position) => stable.has(position))).toEqual(inOrder(rows, stable))
        await remove(rows, [...there])
      })
    }
  })
})

const comesAfter = ({ descending = false }: Rows, position: number, other: number) =>
  descending ? position < other : position > other

/** Deletes the row at the end of a page, its neighbours, and puts others right before and after it. */
async function changeAround(
  rows: Rows,
  random: Seeded,
  walk: { there: Set<number>; stable: ReadonlySet<number>; used: Set<number>; boundary: number; pages: number },
): Promise<void> {
  const { there, stable, used, boundary, pages } = walk
  const sorted = [...there].toSorted((a, b) => a - b)
  const below = sorted.findLast((position) => position < boundary) ?? boundary - 1000
  const above = sorted.find((position) => position > boundary) ?? boundary + 1000
  const near = [
    ...(boundary - below > 1 && random.chance(0.6)
      ? [random.pick([boundary - 1, random.between(below + 1, boundary - 1)])]
      : []),
    ...(above - boundary > 1 && pages < 12 && random.chance(0.6)
      ? [random.pick([boundary + 1, random.between(boundary + 1, above - 1)])]
      : []),
  ]
  const added = near.filter((position) => !used.has(position))
  const gone = [boundary, below, above].filter(
    (position) => there.has(position) && !stable.has(position) && random.chance(0.6),
  )
  await insert(rows, added)
  await remove(rows, gone)
  for (const set of [there, used]) for (const position of added) set.add(position)
  for (const position of gone) there.delete(position)
}

describe('a row that stays is on exactly one page, and no row on two, while others race with the pages', () => {
  it.each(named(filled))('%s', async (_, { path, rows }) => {
    await repeatable(seed, async (random) => {
      const first = newPositions(12)
      await insert(rows, first)
      const racing = race(rows, new Seeded(seed + 1), first)
      try {
        for (let walk = 0; walk < 2 || racing.changes < 20; walk++) {
          const seen: number[] = []
          for (let next: string | undefined = path(ours); next !== undefined;) {
            const answer: ApiAnswer = await page(next, random.between(1, 4))
            seen.push(...positionsIn(rows, answer))
            next = answer.body.metadata.next
          }
          expect(seen).toEqual(inOrder(rows, new Set(seen)))
          expect(seen.filter((position) => first.includes(position))).toEqual(inOrder(rows, first))
        }
      } finally {
        await remove(rows, [...first, ...(await racing.stop())])
      }
    })
  })
})

/** Puts rows beside those that stay, and takes them away again, until it is stopped. */
function race(rows: Rows, random: Seeded, stable: readonly number[]) {
  const used = new Set(stable)
  const there: number[] = []
  const state = { changes: 0, stopped: false }
  const run = async () => {
    for (; !state.stopped; state.changes++) {
      const position = random.pick(stable) + random.pick([-2, -1, 1, 2, random.between(-499, 500)])
      if (!used.has(position)) {
        used.add(position)
        await insert(rows, [position], ours, mutator)
        there.push(position)
      }
      if (there.length > 12) await remove(rows, there.splice(random.between(0, there.length - 1), 1), ours, mutator)
    }
    return there
  }
  const ended = run()
  return {
    get changes() {
      return state.changes
    },
    /** Resolves to the rows that are left. */
    stop: () => {
      state.stopped = true
      return ended
    },
  }
}

const tokenOf = ({ body }: ApiAnswer) => new URL(body.metadata.next as string).searchParams.get('page_token') ?? ''
const answerTo = async (path: string, token: string) => ours.cloud.get(withQuery(path, `page_token=${token}`))

describe('a page token is good for its own list alone', () => {
  const tokens = new Map<string, string>()

  beforeAll(async () => {
    for (const { operation, path, rows } of lists) {
      if (rows !== undefined) await insert(rows, newPositions(3))
      const answer = await page(path(ours), 1)
      if (answer.body.metadata.next !== undefined) tokens.set(operation, tokenOf(answer))
    }
  })

  it('and each list has some, but that of organizations', () => {
    expect(tokens.size).toBe(lists.length - 1)
  })

  it.each(named(lists))('%s refuses those of other lists', async (operation, { path }) => {
    const taken: string[] = []
    for (const [other, token] of tokens) {
      if ((await answerTo(path(ours), token)).status === 200) taken.push(other)
    }
    expect(taken).toEqual(tokens.has(operation) ? [operation] : [])
  })

  it.each(named(filled))('%s refuses those of another organization and of other filters', async (_, list) => {
    const { operation, path, rows, otherFilters } = list
    await insert(rows, newPositions(2), theirs)
    const theirToken = tokenOf(await theirs.cloud.get(withQuery(path(theirs), 'page_size=1')))
    expect(refusal(await answerTo(path(ours), theirToken))).toEqual([400, 'page_token'])
    if (otherFilters(ours) === '') return
    const otherwise = withQuery(path(ours), otherFilters(ours))
    expect(refusal(await answerTo(otherwise, tokens.get(operation) ?? ''))).toEqual([400, 'page_token'])
  })

  it.each(named(filled))('%s refuses one that was changed, and takes it with another page size', async (_, list) => {
    const path = list.path(ours)
    const token = tokens.get(list.operation) ?? ''
    await repeatable(seed, async (random) => {
      for (const wrong of alterations(token, random)) {
        expect([wrong, ...refusal(await answerTo(path, wrong))]).toEqual([wrong, 400, 'page_token'])
      }
    })
    for (const size of [1, 100]) expect((await answerTo(withQuery(path, `page_size=${size}`), token)).status).toBe(200)
  })
})

function alterations(token: string, random: Seeded): string[] {
  const [id = '', seal = ''] = token.split('.')
  const next = Buffer.from(id, 'base64url').toString().replace(/.$/, '7')
  const unsealed = Buffer.from(JSON.stringify([1, next])).toString('base64url')
  const characters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
  const altered = Array.from({ length: 8 }, () => {
    const at = random.between(0, token.length - 1)
    const other = random.pick(characters.filter((character) => character !== token[at]))
    return token.slice(0, at) + other + token.slice(at + 1)
  })
  const forged = `${Buffer.from(next).toString('base64url')}.${seal}`
  return [...altered, token.slice(0, -1), `${token}A`, `${token}.`, id, `.${seal}`, forged, unsealed]
}

describe('a page has the size that was asked for, up to 500', () => {
  it.each(named(lists))('%s', async (_, { path, rows }) => {
    for (const size of ['0', '-1', '1.5', 'x', '10001', '1e9']) {
      expect(refusal(await ours.cloud.get(withQuery(path(ours), `page_size=${size}`)))).toEqual([400, 'page_size'])
    }
    if (rows === undefined) return
    const positions = newPositions(501)
    await insert(rows, positions)
    for (const [size, shown] of [
      ['', 10],
      ['page_size=500', 500],
      ['page_size=10000', 500],
    ] as const) {
      const { status, body } = await ours.cloud.get(withQuery(path(ours), size))
      expect([status, body.data.length, body.metadata.next !== undefined]).toEqual([200, shown, true])
    }
    await remove(rows, positions)
  })
})
