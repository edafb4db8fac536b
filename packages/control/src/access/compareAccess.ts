import { isDeepStrictEqual } from 'node:util'
import type { AccessContent, AccessKey, AccessRecord } from '@tributary/kafka/accessTopic'
import type { PublishedAccess, PublishedValue } from '@tributary/kafka/readAccess'

type Correction = Pick<AccessRecord, 'key' | 'content'>

/**
 * What has to be published so that brokers know what the database says: what is missing or different, and as
 * deletions what the database knows nothing of, which is what a database that was restored from a backup looks like.
 * A deletion of what the topic never held is no news.
 */
export function compareAccess(
  wanted: readonly AccessRecord[],
  published: ReadonlyMap<AccessKey, PublishedAccess>,
): Correction[] {
  const known = new Set(wanted.map(({ key }) => key))
  const strangers = [...published].filter(([key]) => !known.has(key)).map(([key]) => ({ key, content: deleted }))
  return [...wanted, ...strangers].filter(({ key, content }) => differs(content, published.get(key)))
}

/**
 * What is published so that the topic says what the database says, or with `everything` says all of it again.
 *
 * Brokers that start wait for the highest revision that the database knows. That may be a deletion of what the topic
 * never held: where nothing else is to be said it is said after all, or they would wait for what never comes.
 */
export function correctionsOf(
  wanted: readonly AccessRecord[],
  published: ReadonlyMap<AccessKey, PublishedAccess>,
  { everything }: { everything: boolean },
): Correction[] {
  const corrections = compareAccess(wanted, published)
  const corrected = new Set(corrections.map(({ key }) => key))
  const again = everything ? wanted.filter(({ key, content }) => !('deleted' in content || corrected.has(key))) : []
  if (corrections.length + again.length > 0) return [...corrections, ...again]
  const highest = Number(highestPublished(published))
  return wanted
    .filter(({ revision }) => revision > highest)
    .toSorted((a, b) => b.revision - a.revision)
    .slice(0, 1)
}

const deleted: AccessContent = { deleted: true }

function differs(wanted: AccessContent, published: PublishedAccess | undefined): boolean {
  if (published === undefined) return !('deleted' in wanted)
  return (
    !says(published.highest, wanted) ||
    !says(published.last, wanted) ||
    published.last.revision < published.highest.revision
  )
}

const says = ({ content }: PublishedValue, wanted: AccessContent) => isDeepStrictEqual(content, wanted)

/** The highest revision that the topic holds; -1 if it is empty. */
export function highestPublished(published: ReadonlyMap<AccessKey, PublishedAccess>): bigint {
  let revision = -1
  for (const { highest } of published.values()) revision = Math.max(revision, highest.revision)
  return BigInt(revision)
}
