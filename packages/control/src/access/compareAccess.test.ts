import type { AccessContent, AccessKey } from '@tributary/kafka/accessTopic'
import type { PublishedAccess } from '@tributary/kafka/readAccess'
import { describe, expect, it } from 'vitest'
import { compareAccess, correctionsOf, highestPublished } from './compareAccess.ts'

const alive: AccessContent = { owner: 'sa-a', salt: 's', hash: 'h' }
const expiring: AccessContent = { ...alive, expires: 1 }
const binding = (operations: string[]): AccessContent => ({
  principal: 'sa-a',
  grants: [{ type: 'TOPIC', name: '', pattern: 'PREFIXED', operations }],
})
const deleted: AccessContent = { deleted: true }
const unreadable = undefined

type Published = AccessContent | undefined
const only = (content: Published, revision = 5): PublishedAccess => ({
  highest: { revision, content },
  last: { revision, content },
})
/** The last record is older than one before it: brokers that read both, and those that read what was kept, differ. */
const disordered = (highest: Published, last: Published): PublishedAccess => ({
  highest: { revision: 5, content: highest },
  last: { revision: 4, content: last },
})

describe('what the topic has to be told', () => {
  it.each<[string, AccessContent | 'unknown', PublishedAccess | undefined, AccessContent | 'nothing']>([
    ['nothing where both say the same', alive, only(alive), 'nothing'],
    ['nothing where both say the same, whatever the revision', alive, only(alive, 500), 'nothing'],
    ['a key that it lacks', alive, undefined, alive],
    ['a key that it holds with another end', expiring, only(alive), expiring],
    ['a key that never ends, where it has one', alive, only(expiring), alive],
    ['a key that it holds as deleted', alive, only(deleted), alive],
    ['a key in place of what nobody can read', alive, only(unreadable, -1), alive],
    ['a binding with other rights', binding(['READ']), only(binding(['READ', 'WRITE'])), binding(['READ'])],
    ['nothing for a binding with the same rights', binding(['READ']), only(binding(['READ'])), 'nothing'],
    ['a deletion of what it holds alive', deleted, only(alive), deleted],
    ['no deletion that it holds', deleted, only(deleted), 'nothing'],
    ['no deletion of what it never held', deleted, undefined, 'nothing'],
    ['the end of what the database does not know', 'unknown', only(alive), deleted],
    ['nothing of what is deleted and unknown', 'unknown', only(deleted), 'nothing'],
    ['a deletion over an older record behind it', deleted, disordered(deleted, alive), deleted],
    ['a key over an older deletion behind it', alive, disordered(alive, deleted), alive],
    ['a deletion that only came too late', deleted, disordered(alive, deleted), deleted],
    ['even the same once more, if its records are out of order', alive, disordered(alive, alive), alive],
  ])('%s', (_, wanted, published, expected) => {
    const key: AccessKey = 'key/K'
    const corrections = compareAccess(
      wanted === 'unknown' ? [] : [{ key, revision: 5, content: wanted }],
      new Map(published === undefined ? [] : [[key, published]]),
    )
    const told = corrections.map(({ content }) => content)
    expect(told).toEqual(expected === 'nothing' ? [] : [expected])
  })

  it('gets revisions above the highest that it holds', () => {
    expect(highestPublished(new Map())).toBe(-1n)
    expect(
      highestPublished(
        new Map<AccessKey, PublishedAccess>([
          ['key/A', disordered(alive, deleted)],
          ['binding/B', only(deleted, 3)],
        ]),
      ),
    ).toBe(5n)
  })
})

const record = (id: string, revision: number, content: AccessContent) =>
  ({ key: `key/${id}`, revision, content }) as const
const keys = (records: readonly { key: AccessKey }[]) => records.map(({ key }) => key)

describe('the topic reaches the revision that brokers wait for when they start', () => {
  const topic = new Map<AccessKey, PublishedAccess>([['key/A', only(alive, 5)]])

  it('though that is of a key that came and went unpublished', () => {
    const wanted = [record('A', 5, alive), record('B', 7, deleted), record('C', 6, deleted)]
    expect(correctionsOf(wanted, topic, { everything: false })).toEqual([record('B', 7, deleted)])
    expect(keys(correctionsOf(wanted.slice(1), new Map(), { everything: true }))).toEqual(['key/B'])
  })

  it('but is told nothing that it need not hold where it reaches it anyway', () => {
    const gone = record('B', 4, deleted)
    expect(correctionsOf([record('A', 5, alive), gone], topic, { everything: false })).toEqual([])
    expect(keys(correctionsOf([record('A', 5, alive), gone], topic, { everything: true }))).toEqual(['key/A'])
    const withNews = [record('A', 5, alive), record('D', 6, alive), record('B', 7, deleted)]
    expect(keys(correctionsOf(withNews, topic, { everything: false }))).toEqual(['key/D'])
  })
})
