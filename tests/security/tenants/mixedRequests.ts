import { Seeded } from '@tributary/testkit/seeded'
import { operations } from '../../../apps/api/src/operations.ts'
import { calls, type Sent } from './calls.ts'
import { nothing, type Ids } from './ids.ts'
import { kafkaCalls } from './kafkaCalls.ts'
import { urlOf } from './urlOf.ts'

/** Whose each id of a request is. */
type Source = 'ours' | 'theirs' | 'nobody’s'

export interface Mixed {
  operation: string
  access: 'key' | 'data plane'
  method: string
  url: string
  body: unknown
  headers: Record<string, string>
  /** The fields of ids that the request names, by whose they are. */
  named: Partial<Record<keyof Ids, Source>>
}

interface Mixable {
  operation: string
  isRemoval: boolean
  isCreation: boolean
  send: (ids: Ids, unique: string) => Sent
}

const everyCall: readonly Mixable[] = [
  ...calls.map(({ operation, verb, fresh, send }) => ({
    operation,
    isRemoval: verb === 'd' || (verb === 'u' && fresh !== undefined),
    isCreation: verb === 'c',
    send,
  })),
  ...kafkaCalls.map(({ operation, send }) => ({
    operation,
    isRemoval: false,
    isCreation: false,
    send: (ids: Ids) => send(ids, 2),
  })),
]
const fields = Object.keys(nothing) as (keyof Ids)[]

/**
 * The request of that number: the same for the same seed, whatever ids organizations have. Undefined for one that
 * would only take away what is ours, or add to it.
 */
export function mixedRequest(
  seed: number,
  number: number,
  ids: Record<'ours' | 'theirs', Ids>,
  tokens: PageTokens,
): Mixed | undefined {
  const random = new Seeded(seed + number * 7919)
  const { operation, isRemoval, isCreation, send } = random.pick(everyCall)
  const declaration = operations.find(({ id }) => id === operation)
  if (declaration === undefined) throw new Error(`there is no operation ${operation}`)
  const sources = Object.fromEntries(fields.map((field) => [field, sourceOf(random)])) as Record<keyof Ids, Source>
  const named: Mixed['named'] = {}
  const mixed = Object.defineProperties(
    {} as Ids,
    Object.fromEntries(
      fields.map((field) => [
        field,
        {
          enumerable: true,
          get() {
            named[field] = sources[field]
            return sources[field] === 'nobody’s' ? nothing[field] : ids[sources[field]][field]
          },
        },
      ]),
    ),
  )
  const { body, params, query = {} } = send(mixed, `mixed ${seed} ${number}`)
  const isOurs = Object.values(named).every((source) => source === 'ours')
  if (isOurs && (isRemoval || (isCreation && random.chance(0.9)))) return undefined
  const isList = declaration.query !== undefined && 'page_size' in declaration.query.shape
  const page = isList && random.chance(0.2) ? pageToken(random, tokens[operation]) : {}
  const key = declaration.method === 'POST' && declaration.document === undefined && random.chance(0.3)
  return {
    operation,
    access: declaration.access === 'broker' ? 'data plane' : 'key',
    method: declaration.method,
    url: urlOf(declaration.path, { ...(params === undefined ? {} : { params }), query: { ...query, ...page } }),
    body,
    headers: key
      ? {
          'idempotency-key': random.chance(0.5)
            ? idempotencyKey(random.between(1, 9))
            : `key ${seed} ${number}`.replaceAll(' ', '-'),
        }
      : {},
    named,
  }
}

function sourceOf(random: Seeded): Source {
  if (random.chance(0.1)) return 'nobody’s'
  return random.chance(0.5) ? 'ours' : 'theirs'
}

/** By list, tokens that the other organization got for its own next pages. */
export type PageTokens = Readonly<Record<string, readonly string[]>>

const pageToken = (random: Seeded, tokens: readonly string[] = []) =>
  tokens.length === 0 ? {} : { page_token: random.pick(tokens), page_size: String(random.between(1, 3)) }

/** The lists that come in pages, as an organization's own. */
export const pagedLists = (own: Ids): { operation: string; url: string }[] =>
  calls.flatMap(({ operation, shows, send }) => {
    const declaration = operations.find(({ id }) => id === operation)
    if (shows === undefined || declaration === undefined) return []
    const { query = {} } = send(own, '')
    return [{ operation, url: urlOf(declaration.path, { query: { ...query, page_size: '1' } }) }]
  })

/** One of those under which they made something. */
export const idempotencyKey = (number: number) => `their-idempotency-key-${number}`
