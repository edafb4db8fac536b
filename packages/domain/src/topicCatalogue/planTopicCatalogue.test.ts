import { describe, expect, it } from 'vitest'
import {
  planTopicCatalogue,
  type CatalogueEntry,
  type ListedTopic,
  type TopicCatalogueStep,
} from './planTopicCatalogue.ts'

const there = { deleted: false, provisioned: true }
const topic = (name: string, partitionsCount = 3, replicationFactor = 1): ListedTopic => ({
  name,
  partitionsCount,
  replicationFactor,
})
const entry = (name: string, fields: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  ...topic(name),
  reservedPartitions: 0,
  settling: false,
  ...fields,
})
const deleted = { partitionsCount: 0, replicationFactor: 0 }
const reserved = { ...deleted, reservedPartitions: 3 }
const correct = (topics: ListedTopic[], gone: string[] = []): TopicCatalogueStep => ({
  do: 'correctCatalogue',
  topics,
  gone,
})

describe('the catalogue is told what a listing knows better, and nothing else', () => {
  it.each<[string, CatalogueEntry[], ListedTopic[], TopicCatalogueStep]>([
    ['nothing at all', [], [], { do: 'settled' }],
    ['all as it is', [entry('a'), entry('b')], [topic('b'), topic('a')], { do: 'settled' }],
    ['a topic that a client made', [entry('a')], [topic('a'), topic('b')], correct([topic('b')])],
    ['a topic that a client deleted', [entry('a'), entry('b')], [topic('b')], correct([], ['a'])],
    ['more partitions', [entry('a'), entry('b')], [topic('a', 5), topic('b')], correct([topic('a', 5)])],
    ['more replicas', [entry('a')], [topic('a', 3, 3)], correct([topic('a', 3, 3)])],
    ['one made and one deleted', [entry('a')], [topic('b')], correct([topic('b')], ['a'])],
    ['a reservation that nothing came of', [entry('a', reserved)], [], correct([], ['a'])],
    ['a reservation whose topic was made', [entry('a', reserved)], [topic('a')], correct([topic('a')])],
    [
      'a reservation to grow that nothing came of',
      [entry('a', { reservedPartitions: 2 })],
      [topic('a')],
      correct([topic('a')]),
    ],
    ['a reservation that a request holds', [entry('a', { ...reserved, settling: true })], [], { do: 'settled' }],
    ['its topic, made just now', [entry('a', { ...reserved, settling: true })], [topic('a')], { do: 'settled' }],
    [
      'a topic made just now, which this broker does not know yet',
      [entry('a', { settling: true })],
      [],
      { do: 'settled' },
    ],
    [
      'a topic deleted just now, which it knows still',
      [entry('a', { ...deleted, settling: true })],
      [topic('a')],
      { do: 'settled' },
    ],
    ['a topic deleted some time ago', [entry('a', deleted)], [], correct([], ['a'])],
    ['and made again by a client', [entry('a', deleted)], [topic('a')], correct([topic('a')])],
  ])('%s', (_, entries, listed, step) => {
    expect(planTopicCatalogue(there, entries, listed)).toEqual(step)
  })

  it('and nothing while there is no cluster, or no more', () => {
    expect(planTopicCatalogue({ ...there, provisioned: false }, [], undefined)).toEqual({ do: 'awaitCluster' })
    expect(planTopicCatalogue(there, [entry('a')], undefined)).toEqual({ do: 'awaitCluster' })
    expect(planTopicCatalogue({ ...there, deleted: true }, [entry('a')], undefined)).toEqual({ do: 'forget' })
  })
})
