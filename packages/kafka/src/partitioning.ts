/** The partition that Kafka's own producer gives to a key: records of one key stay together whoever writes them. */
export const partitionOf = (key: Buffer, partitionsCount: number): number =>
  (murmur2(key) & 0x7fffffff) % partitionsCount

const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** As `org.apache.kafka.common.utils.Utils.murmur2`. */
function murmur2(bytes: Buffer): number {
  let hash = seed ^ bytes.length
  const wholeLength = bytes.length - (bytes.length % 4)
  for (let at = 0; at < wholeLength; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  if (wholeLength < bytes.length) {
    hash = Math.imul(hash ^ bytes.readUIntLE(wholeLength, bytes.length - wholeLength), multiplier)
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
