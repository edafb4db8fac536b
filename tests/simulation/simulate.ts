import { ownersBrokerConfigNames } from '@tributary/domain/kafkaConfiguration/brokerConfigs'
import { Invariants } from './invariants.ts'
import { calm } from './network.ts'
import { Clients } from './requests.ts'
import { SimulatedProcess } from './simulatedProcess.ts'
import { topicNames } from './topicRequests.ts'
import { startWorker, type Worker } from './workers.ts'
import { createWorld, type World } from './world.ts'

export interface Simulation {
  seed: number
  /** Of everything that happened. */
  digest: string
  events: number
  history: readonly string[]
  /** Promises that were broken. */
  problems: readonly string[]
}

const faults = {
  kill: 4,
  stop: 1,
  pause: 4,
  emptyRedis: 1,
  crashBroker: 2,
  loseVolume: 1,
  drift: 1,
  changeTopic: 4,
}

const longestCalmMs = 3 * 3_600_000
const mostEvents = 100_000

/**
 * One history: random requests and faults for a while, then none, until everything is as it was asked for. `break it`
 * with a defect, and a promise should be broken.
 */
export async function simulate(
  seed: number,
  { defect, keepHistory = false }: { defect?: (world: World) => void; keepHistory?: boolean } = {},
): Promise<Simulation> {
  const world = createWorld(seed, { keepHistory })
  defect?.(world)
  const { time, random, network, redis } = world
  const invariants = new Invariants(world)
  const { problems } = invariants
  const staff = new Staff(world, (bug) => invariants.broken('no bug', bug))
  const clients = new Clients(new SimulatedProcess('api', world), world, invariants)
  const stormMs = random.between(5000, random.chance(0.2) ? 200_000 : 40_000)
  repeat(world, stormMs, stormMs / (4 + random.below(stormMs / 1000)), () => clients.ask())
  repeat(world, stormMs, stormMs / (1 + random.below(10)), () => staff.suffer(random.weighted(faults)))

  const isBroken = () => problems.length > 0
  await time.runUntil(() => isBroken() || time.nowMs >= stormMs)
  time.note('the storm is over')
  network.weather = calm
  redis.unreliability = { losing: 0, doubling: 0 }
  staff.recover()
  await time.runUntil(() => isBroken() || time.nowMs >= network.quietAt)
  // Whatever was late is there now. What is settled has to be so for good.
  const stopAt = time.nowMs + longestCalmMs
  let lookAt = time.nowMs
  let settledFor = 0
  await time.runUntil(() => {
    if (isBroken() || time.nowMs > stopAt || time.events > mostEvents) return true
    if (time.nowMs < lookAt) return false
    lookAt = time.nowMs + 500
    settledFor = invariants.unsettled().length === 0 ? settledFor + 1 : 0
    return settledFor === 3
  })
  if (!isBroken()) {
    for (const left of invariants.unsettled()) invariants.broken('nothing that was asked for is lost', left)
    invariants.auditIsComplete()
  }
  return { seed, digest: time.digest, events: time.events, history: time.history ?? [], problems }
}

/** Does something now and then, until a time. */
function repeat({ time, random }: World, untilMs: number, everyMs: number, what: () => void) {
  const again = () =>
    time.schedule(random.between(0, 2 * everyMs), '', () => {
      if (time.nowMs >= untilMs) return
      what()
      again()
    })
  again()
}

/** The workers, and what befalls them and the brokers. */
class Staff {
  readonly #world: World
  readonly #onBug: (what: string) => void
  #workers: Worker[] = []
  #started = 0

  constructor(world: World, onBug: (what: string) => void) {
    this.#world = world
    this.#onBug = onBug
    for (let count = 1 + world.random.below(3); count > 0; count--) this.#start()
  }

  suffer(fault: keyof typeof faults): void {
    const { time, random, redis, machines, orchestrator, leaseTtlMs } = this.#world
    const worker = random.pick(this.#workers)
    const name = random.pick(machines.names())
    const member = random.pick(Object.keys((name !== undefined && machines.read(name)?.members) || {}).map(Number))
    switch (fault) {
      case 'kill':
        if (worker !== undefined) this.#end(worker)
        return
      case 'stop':
        if (worker !== undefined) void worker.engine.stop(2000).then(() => this.#end(worker))
        return
      case 'pause':
        worker?.process.pause()
        time.schedule(random.between(0, 3 * leaseTtlMs), '', () => worker?.process.wake())
        return
      case 'emptyRedis':
        return redis.empty()
      case 'drift':
        if (name === undefined) return
        time.note(`somebody changes a setting of ${name}`)
        return machines.drift(name, random.pick(ownersBrokerConfigNames) ?? '', String(random.below(5)))
      case 'changeTopic':
        if (name === undefined) return
        time.note(`a client changes topics of ${name}`)
        return machines.changeTopic(name, random.pick(topicNames) ?? '', 1 + random.below(3))
      case 'crashBroker':
      case 'loseVolume':
        if (name === undefined || member === undefined) return
        time.note(`${name}/${member} crashes`)
        orchestrator.crash(name, member)
        // A cluster of one broker would be gone.
        if (fault === 'loseVolume' && machines.memberCount(name) > 1) machines.loseVolume(name, member)
    }
  }

  /** Those that sleep wake, and somebody works. */
  recover(): void {
    for (const { process } of this.#workers) process.wake()
    if (this.#workers.length === 0) this.#start()
  }

  #end(worker: Worker) {
    const { time, random } = this.#world
    if (!worker.process.isAlive) return
    worker.process.die()
    this.#workers = this.#workers.filter((one) => one !== worker)
    time.schedule(random.between(0, 3000), '', () => this.#start())
  }

  #start() {
    this.#workers.push(startWorker(`worker-${++this.#started}`, this.#world, this.#onBug))
  }
}
