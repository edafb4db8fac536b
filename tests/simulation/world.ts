import type { Orchestrator } from '@tributary/orchestrators/contract'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { clusterKinds, ControlTables, type Limits } from './controlTables.ts'
import { EngineTables } from './engineTables.ts'
import { KafkaMachines } from './kafka.ts'
import { Network, type Weather } from './network.ts'
import { Random } from './random.ts'
import { SimulatedRedis } from './redis.ts'
import type { Call, SimulatedProcess, Surroundings } from './simulatedProcess.ts'
import { VirtualTime } from './virtualTime.ts'

/** Everything that outlives the processes. */
export interface World extends Surroundings {
  engine: EngineTables
  control: ControlTables
  machines: KafkaMachines
  orchestrator: FakeOrchestrator
  redis: SimulatedRedis
  leaseTtlMs: number
  /** A step that takes longer has failed, and what it still does comes late. */
  longestStepMs: number
  limits: Limits
  /** Processes that listen to the outbox. */
  listening: Set<{ process: SimulatedProcess; onNotification: () => void }>
}

const epochMs = Date.parse('2026-01-01T00:00:00Z')

export function createWorld(seed: number, { keepHistory = false } = {}): World {
  const random = new Random(seed)
  const time = new VirtualTime(random, { keepHistory })
  const leaseTtlMs = random.pick([1500, 3000, 8000]) ?? 3000
  const now = () => time.nowMs
  const surroundings = { time, random, network: new Network(random, weatherOf(random, leaseTtlMs)) }
  const engine = new EngineTables(now)
  const limits = { clusters: 1 + random.below(3), keys: 1 + random.below(4), partitions: 2 + random.below(5) }
  const machines = new KafkaMachines(now, random)
  const clock = { now: () => new Date(epochMs + time.nowMs), every: () => () => undefined }
  const world: World = {
    ...surroundings,
    engine,
    control: new ControlTables(engine, limits),
    limits,
    machines,
    orchestrator: new FakeOrchestrator(machines, clock),
    redis: new SimulatedRedis(clusterKinds, surroundings, {
      losing: random.pick([0, 0.05, 0.5]) ?? 0,
      doubling: random.pick([0, 0.1]) ?? 0,
    }),
    leaseTtlMs,
    longestStepMs: random.pick([1500, 5000, 120_000]) ?? 120_000,
    listening: new Set(),
  }
  engine.onNotify = () => notify(world)
  return world
}

const weatherOf = (random: Random, leaseTtlMs: number): Weather => ({
  failing: random.pick([0, 0.02, 0.15]) ?? 0,
  slow: random.pick([0, 0.01, 0.05]) ?? 0,
  slowMs: leaseTtlMs * (random.pick([1, 5]) ?? 1),
})

function notify({ listening, time, random, network }: World) {
  for (const { process, onNotification } of listening) {
    if (random.chance(network.weather.failing)) continue
    time.schedule(random.between(0.2, 3), '', () => process.deliver(onNotification))
  }
}

/** The orchestrator as a process calls it. */
export function orchestratorFor(process: SimulatedProcess, { orchestrator, machines }: World): Orchestrator {
  // Machines take their time.
  const call: Call = (what, effect) => process.call(what, effect, { slowness: 4 })
  return {
    reserve: (name, request) => call(`reserve ${name}`, () => orchestrator.reserve(name, request)),
    apply: (manifest, token) => call(`apply ${manifest.name}`, () => orchestrator.apply(manifest, token)),
    replace: (name, id) => call(`replace ${name}/${id}`, () => orchestrator.replace(name, id)),
    observe: (name) => call(`observe ${name}`, () => orchestrator.observe(name)),
    list: () => call('list', () => orchestrator.list()),
    endpoints: (name) => call(`endpoints ${name}`, () => orchestrator.endpoints(name)),
    logs: (name, id, options) => call(`logs ${name}/${id}`, () => orchestrator.logs(name, id, options)),
    remove: (name, options) => call(`remove ${name}`, () => orchestrator.remove(name, options)),
    watch: (onChange) => new FakeOrchestrator(machines, process.clock, { watchEveryMs: 500 }).watch(onChange),
  }
}
