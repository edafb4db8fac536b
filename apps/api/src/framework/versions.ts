import { hash } from 'node:crypto'
import { errors } from '@tributary/domain/errors'
import type { Operation } from './operation.ts'

/**
 * ETags: `"<version>.<digest>"`. The version counts the changes that users made; the digest is of the answer itself, and
 * so changes with all that shows, such as a cluster's phase or what is used of a quota.
 *
 * If-None-Match looks at the whole tag. If-Match looks at the version alone: who changes a cluster that was made a second
 * ago goes out from what its users asked for, and does not lose because its brokers came up meanwhile. It is compared in
 * the statement that changes the row, see `asRead`. A tag of a POST has no digest: its answer may hold a secret.
 */

const versionOf = Symbol('version')

/** Spread into what is answered of a row: tells the framework its version, and is not sent. */
export const withVersion = ({ version }: { version: bigint }): object => ({ [versionOf]: version })

export function etagOf({ method }: Operation, body: unknown, text: string): string | undefined {
  const version = (body as { [versionOf]?: bigint } | undefined)?.[versionOf]
  if (version === undefined) return undefined
  return method === 'POST' ? `"${version}"` : `"${version}.${hash('sha1', text, 'base64url').slice(0, 16)}"`
}

/** Operations that answer one thing, which has a version. */
export function answersVersion({ envelope, reply: { body } }: Operation): boolean {
  const fields = (body as { shape?: object } | undefined)?.shape
  return envelope === 'cloud' && fields !== undefined && ['api_version', 'kind', 'id'].every((name) => name in fields)
}

/** Operations that change one thing, which has a version. */
export const takesIfMatch = ({ method, envelope, target }: Operation): boolean =>
  ['PUT', 'PATCH', 'DELETE'].includes(method) && envelope === 'cloud' && target !== undefined

/** The versions that a change may go out from; undefined for any. Throws for what cannot be read or is not kept to. */
export function readVersionsOf(operation: Operation, header: string | undefined): readonly bigint[] | undefined {
  if (header === undefined || operation.method === 'GET') return undefined
  if (!takesIfMatch(operation)) throw unreadable('This takes no If-Match: what it changes has no version.')
  if (header.trim() === '*') return undefined
  const tags = tagsIn(header)
  if (tags === undefined) throw unreadable('An If-Match is * or ETags as they were answered, in their quotes.')
  return tags.flatMap(({ weak, text }) => {
    const version = weak ? undefined : /^(\d{1,18})(\.|$)/.exec(text)?.[1]
    return version === undefined ? [] : [BigInt(version)]
  })
}

const unreadable = (detail: string) => errors.malformed(detail, { parameter: 'If-Match' })

/** Whether the client has what would be answered. What cannot be read matches nothing. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.trim() === '*' || (tagsIn(ifNoneMatch) ?? []).some(({ text }) => `"${text}"` === etag)
}

const tagList = /^(?:\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,|$))+$/

function tagsIn(header: string): { weak: boolean; text: string }[] | undefined {
  if (!tagList.test(header)) return undefined
  const tags = header.matchAll(/(W\/)?"([^"]*)"/g)
  return Array.from(tags, ([, weak, text = '']) => ({ weak: weak !== undefined, text }))
}
