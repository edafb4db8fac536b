import { describe, expect, it } from 'vitest'
import { partitionOf } from './partitioning.ts'

describe('a key has the partition that Kafka gives it', () => {
  // From Kafka's own UtilsTest.
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('%s', (key, hash) => {
    expect(partitionOf(Buffer.from(key), 2 ** 31)).toBe(hash & 0x7fffffff)
    expect(partitionOf(Buffer.from(key), 6)).toBe((hash & 0x7fffffff) % 6)
  })
})
