import type { AccessKey, AccessRecord } from '@tributary/kafka/accessTopic'
import type { PublishedAccess, PublishedValue } from '@tributary/kafka/readAccess'
import type { MemberManifest } from '@tributary/orchestrators/contract'
import { MemoryMachines } from '@tributary/testkit/fakeMachines'
import type { Random } from './random.ts'

/** What the brokers of one cluster keep on their volumes together. */
interface Quorum {
  kafkaClusterId: string
  /** The access topic, up to now. */
  access: Map<AccessKey, PublishedAccess>
  /** Of the transactional producer: whoever begins a newer one fences the others. */
  epoch: number
  brokerConfigs: Record<string, string>
  topics: Map<string, BrokersTopic>
  /** When somebody who is not the control plane last changed something. */
  driftedAt: number
}

export interface BrokersTopic {
  partitions: number
  madeBy: 'control plane' | 'client'
}

/** What brokers say against a request: they certainly did not do it. */
export class KafkaRefusal extends Error {
  constructor(reason: 'TOPIC_ALREADY_EXISTS' | 'UNKNOWN_TOPIC_OR_PARTITION') {
    super(reason)
    this.name = 'KafkaRefusal'
  }
}

interface Broker {
  /** From when on it answers. */
  readyAt: number
  /** How far it must have read before it lets clients in. */
  accessRevision: number
}

/** How a member is told who it is: what of a broker's files counts here. */
export interface BrokerFile {
  kafkaClusterId: string
  directoryId: string
  formation: 'found' | 'join'
  accessRevision: number
}

export const brokerFile = (content: BrokerFile) => ({ broker: JSON.stringify(content) })

/** Machines on which the members are brokers: what they keep is lost with their volumes. */
export class KafkaMachines extends MemoryMachines {
  readonly #now: () => number
  readonly #random: Random
  readonly #quorums = new Map<string, Quorum>()
  readonly #brokers = new Map<string, Broker>()
  /** Volumes that hold something. */
  readonly #volumes = new Set<string>()
  /** Told of each publication. */
  onPublish: (name: string) => void = () => undefined
  /** Told of each start; `isEmpty` where the volume is new. */
  onStart: (name: string, member: { id: number; file: BrokerFile; isEmpty: boolean }) => void = () => undefined

  constructor(now: () => number, random: Random) {
    super()
    this.#now = now
    this.#random = random
  }

  override countStart(name: string, manifest: MemberManifest): void {
    const file = JSON.parse(manifest.files['broker'] ?? '{}') as BrokerFile
    this.onStart(name, { id: manifest.id, file, isEmpty: !this.#volumes.has(`${name}/${manifest.id}`) })
    super.countStart(name, manifest)
    this.#volumes.add(`${name}/${manifest.id}`)
    const bootMs = this.#random.between(300, 2500)
    this.#brokers.set(`${name}/${manifest.id}`, { readyAt: this.#now() + bootMs, accessRevision: file.accessRevision })
    if (this.#quorums.has(name)) return
    const { kafkaClusterId } = file
    const nothing = { access: new Map(), epoch: 0, brokerConfigs: {}, topics: new Map(), driftedAt: -1 }
    this.#quorums.set(name, { kafkaClusterId, ...nothing })
  }

  override deleteVolumes(name: string): void {
    super.deleteVolumes(name)
    this.#quorums.delete(name)
    for (const volume of this.#volumes) if (volume.startsWith(`${name}/`)) this.#volumes.delete(volume)
  }

  memberCount(name: string): number {
    return Object.keys(this.read(name)?.members ?? {}).length
  }

  /** The disk of one broker of several is gone; the others still have everything. */
  loseVolume(name: string, id: number): void {
    this.#volumes.delete(`${name}/${id}`)
  }

  readiness(name: string, members: readonly number[]): 'ready' | 'inside' | 'no answer' {
    const brokers = members.map((id) => this.#brokers.get(`${name}/${id}`))
    if (!members.every((id) => this.answers(name, id))) return 'no answer'
    const highest = Math.max(
      0,
      ...[...(this.#quorums.get(name)?.access.values() ?? [])].map((one) => one.highest.revision),
    )
    return brokers.every((broker) => (broker?.accessRevision ?? 0) <= highest) ? 'ready' : 'inside'
  }

  /** The inside of a cluster; throws where no broker of it answers. */
  inside(name: string): Quorum {
    const quorum = this.#quorums.get(name)
    const ids = Object.keys(this.read(name)?.members ?? {}).map(Number)
    if (quorum === undefined || !ids.some((id) => this.answers(name, id))) {
      throw Object.assign(new Error(`${name} does not answer`), { code: 'ECONNREFUSED' })
    }
    return quorum
  }

  answers(name: string, id: number): boolean {
    const isRunning = this.read(name)?.members[id]?.running === true
    return isRunning && (this.#brokers.get(`${name}/${id}`)?.readyAt ?? Infinity) <= this.#now()
  }

  beginProducer(name: string): number {
    return ++this.inside(name).epoch
  }

  /** All of it or nothing. */
  publish(name: string, epoch: number, records: readonly AccessRecord[]): void {
    const quorum = this.inside(name)
    if (epoch !== quorum.epoch) throw new Error('the producer was fenced')
    for (const { key, revision, content } of records) {
      const last: PublishedValue = { revision, content }
      const before = quorum.access.get(key)?.highest
      const highest = before === undefined || revision >= before.revision ? last : before
      quorum.access.set(key, { last, highest })
    }
    this.onPublish(name)
  }

  /** What the brokers of a cluster let in; undefined where there are none. */
  accepted(name: string): Set<string> | undefined {
    const access = this.#quorums.get(name)?.access
    if (access === undefined) return undefined
    return new Set([...access].filter(([, { highest }]) => isLive(highest)).map(([key]) => key.slice('key/'.length)))
  }

  /** The settings that brokers have, whether or not they run. */
  brokerConfigs(name: string): Readonly<Record<string, string>> | undefined {
    return this.#quorums.get(name)?.brokerConfigs
  }

  createTopic(name: string, topic: string, made: BrokersTopic): void {
    const { topics } = this.inside(name)
    if (topics.has(topic)) throw new KafkaRefusal('TOPIC_ALREADY_EXISTS')
    topics.set(topic, made)
  }

  deleteTopic(name: string, topic: string): void {
    if (!this.inside(name).topics.delete(topic)) throw new KafkaRefusal('UNKNOWN_TOPIC_OR_PARTITION')
  }

  /** The topics that brokers have, whether or not they run; undefined where there are none. */
  topics(name: string): ReadonlyMap<string, BrokersTopic> | undefined {
    return this.#quorums.get(name)?.topics
  }

  /** Somebody changes a setting past the control plane. */
  drift(name: string, config: string, value: string): void {
    const quorum = this.#quorums.get(name)
    if (quorum === undefined) return
    quorum.brokerConfigs[config] = value
    quorum.driftedAt = this.#now()
  }

  /** Somebody makes a topic past the control plane, or deletes the one that there is. */
  changeTopic(name: string, topic: string, partitions: number): void {
    const topics = this.#quorums.get(name)?.topics
    if (topics?.delete(topic) === false) topics.set(topic, { partitions, madeBy: 'client' })
  }

  driftedAt(name: string): number {
    return this.#quorums.get(name)?.driftedAt ?? -1
  }
}

/** As a listing shows it. */
export const listedTopic = (name: string, partitionsCount: number) => ({ name, partitionsCount, replicationFactor: 1 })

const isLive = ({ content }: PublishedValue) => content !== undefined && !('deleted' in content)
