import { ownersBrokerConfigNames } from '@tributary/domain/kafkaConfiguration/brokerConfigs'
import { Refused, type Author, type ControlTables } from './controlTables.ts'
import type { Invariants } from './invariants.ts'
import type { SimulatedProcess } from './simulatedProcess.ts'
import { topicNames, TopicRequest } from './topicRequests.ts'
import type { World } from './world.ts'

const likelihood = {
  createCluster: 4,
  deleteCluster: 3,
  createKey: 14,
  deleteKey: 8,
  changeBrokerConfigs: 4,
  republishAccess: 1,
  renameCluster: 1,
  changeTopics: 16,
}

const environments = ['env-a', 'env-b']

/** Makes one random request after another, as many clients do, and remembers what it was answered. */
export class Clients {
  readonly #process: SimulatedProcess
  readonly #world: World
  readonly #invariants: Invariants
  #requests = 0

  constructor(process: SimulatedProcess, world: World, invariants: Invariants) {
    this.#process = process
    this.#world = world
    this.#invariants = invariants
  }

  ask(): void {
    const { random, control } = this.#world
    const operation = control.clusters.size === 0 ? 'createCluster' : random.weighted(likelihood)
    if (operation === 'changeTopics') return this.#changeTopics()
    const author = { requestId: `request-${++this.#requests}`, operation }
    const change = this.#changeOf(operation, author)
    if (change === undefined) return
    this.#send(author, change)
    if (random.chance(0.5)) this.#regret(operation)
  }

  /** Somebody thinks better of it soon. */
  #regret(operation: keyof typeof likelihood): void {
    const { time, random, leaseTtlMs } = this.#world
    const n = this.#requests
    if (operation !== 'createCluster' && operation !== 'createKey') return
    time.schedule(random.between(0, 3 * leaseTtlMs), '', () => {
      const author = { requestId: `request-${n}-regretted`, operation: `regret ${operation}` }
      this.#send(author, (tables) =>
        operation === 'createCluster' ? tables.deleteCluster(author, `lkc-${n}`) : tables.deleteKey(author, `key-${n}`),
      )
    })
  }

  #send(author: Author, change: (tables: ControlTables) => void): void {
    const { control } = this.#world
    const { outcomes } = this.#invariants
    outcomes.set(author.requestId, 'unknown')
    this.#process
      .call(`${author.operation} ${author.requestId}`, () => {
        change(control)
        this.#invariants.quotasHold()
      })
      .then(
        () => outcomes.set(author.requestId, 'done'),
        (error: unknown) => error instanceof Refused && outcomes.set(author.requestId, 'refused'),
      )
  }

  /** Several at once or soon after each other, of one cluster. */
  #changeTopics(): void {
    const { control, random, time, leaseTtlMs } = this.#world
    const provisioned = [...control.clusters.values()].filter(({ phase }) => phase === 'PROVISIONED')
    const clusterId = random.pick(provisioned)?.id
    if (clusterId === undefined) return
    for (let left = 1 + random.below(8); left > 0; left--) {
      const operation = random.weighted({ createTopic: 3, deleteTopic: 1 })
      const author = { requestId: `request-${++this.#requests}`, operation }
      const topic = { name: random.pick(topicNames) ?? '', partitions: 1 + random.below(3) }
      time.schedule(random.between(0, 3 * leaseTtlMs), '', () => {
        const request = new TopicRequest(this.#process, this.#world, this.#invariants, author, clusterId)
        void (operation === 'createTopic' ? request.create(topic) : request.delete(topic.name))
      })
    }
  }

  #changeOf(
    operation: Exclude<keyof typeof likelihood, 'changeTopics'>,
    author: Author,
  ): ((tables: ControlTables) => void) | undefined {
    const { random, control, time } = this.#world
    const cluster = this.#oneOf(control.clusters)?.id ?? ''
    const n = this.#requests
    switch (operation) {
      case 'createCluster': {
        const environment = random.pick(environments) ?? ''
        const availability = random.chance(0.3) ? 'HIGH' : 'LOW'
        return (tables) => tables.createCluster(author, `lkc-${n}`, environment, availability)
      }
      case 'deleteCluster':
        return (tables) => tables.deleteCluster(author, cluster)
      case 'createKey': {
        const expiresAt = random.chance(0.2) ? time.nowMs + random.between(0, 30_000) : undefined
        return (tables) => tables.createKey(author, `key-${n}`, cluster, expiresAt)
      }
      case 'deleteKey': {
        const key = this.#oneOf(control.keys)?.id
        return key === undefined ? undefined : (tables) => tables.deleteKey(author, key)
      }
      case 'changeBrokerConfigs': {
        const name = random.pick(ownersBrokerConfigNames) ?? ''
        const value = random.chance(0.3) ? undefined : String(random.below(5))
        return (tables) => tables.changeBrokerConfigs(author, cluster, { [name]: value })
      }
      case 'republishAccess':
        return (tables) => tables.republishAccess(author, cluster)
      case 'renameCluster':
        return (tables) => tables.renameCluster(author, cluster)
    }
  }

  /** Mostly one that is there, and mostly a new one. */
  #oneOf<Row extends { deleted: boolean }>(rows: ReadonlyMap<string, Row>): Row | undefined {
    const { random } = this.#world
    const all = [...rows.values()]
    const some = random.chance(0.9) ? all.filter(({ deleted }) => !deleted) : all
    return random.chance(0.5) ? some.at(-1) : random.pick(some)
  }
}
