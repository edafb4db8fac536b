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
