import { sweepOrphans } from '@tributary/control/kafkaClusters/sweepOrphans'
import { followWorkloads } from '@tributary/control/kafkaClusters/followWorkloads'
import { clusterKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import { startEngineOn, type Engine } from '@tributary/engine/engine'
import type { Log } from '@tributary/kit/log'
import { clusterReconciler } from './clusterReconciler.ts'
import { organizationId } from './controlTables.ts'
import { leasesOn, outboxOn, stepsOn } from './engineStores.ts'
import { accessReconciler, configurationReconciler, topicsReconciler } from './insideReconcilers.ts'
import { SimulatedProcess } from './simulatedProcess.ts'
import { orchestratorFor, type World } from './world.ts'

export interface Worker {
  process: SimulatedProcess
  engine: Engine
}

/** What the worker's `main` starts: the engine, the reconcilers of all kinds, and whoever follows workloads. */
export function startWorker(name: string, world: World, onBug: (what: string) => void): Worker {
  const process = new SimulatedProcess(name, world)
  const { call, clock } = process
  const log = logOf(process, world, onBug)
  const resources = leasesOn(world.engine, world.leaseTtlMs, call)
  const jobs = world.redis.jobsFor(process)
  const orchestrator = orchestratorFor(process, world)
  const engine = startEngineOn({
    resources,
    steps: stepsOn(world.engine, call),
    outbox: outboxOn(world.engine, process, (onNotification) => listen(process, world, onNotification)),
    prune: () => Promise.resolve({ steps: 0, answers: 0, keys: 0 }),
    jobs,
    reconcilers: [
      clusterReconciler(process, orchestrator, world),
      accessReconciler(process, world),
      configurationReconciler(process, world),
      topicsReconciler(process, world),
    ],
    clock,
    log,
    holder: name,
    random: world.random.next,
    longestStepMs: world.longestStepMs,
  })
  followWorkloads({ orchestrator, resources, jobs, clock, log })
  sweepOrphans({
    orchestrator,
    clock,
    log,
    takeDown: (workloads) =>
      call(`delete again ${workloads.join()}`, () => workloads.forEach((workload) => deleteAgain(world, workload))),
  })
  return { process, engine }
}

function listen(process: SimulatedProcess, { listening }: World, onNotification: () => void) {
  const listener = { process, onNotification }
  listening.add(listener)
  const stop = () => listening.delete(listener)
  process.whenDead(stop)
  return { stop: () => Promise.resolve(void stop()) }
}

function deleteAgain({ control, engine }: World, id: string) {
  if (control.clusters.get(id)?.deleted === true) engine.desireOnce(clusterKind, id, organizationId)
}

function logOf({ name }: SimulatedProcess, { time }: World, onBug: (what: string) => void): Log {
  const write = (fields: unknown, text?: string) => {
    const { err, ...rest } = fields as { err?: unknown }
    time.note(`${name} says: ${text} ${JSON.stringify(rest)} ${err instanceof Error ? err.message : ''}`)
  }
  const bug = (fields: unknown, text?: string) => {
    write(fields, text)
    const { err } = fields as { err?: Error }
    onBug(`${text} ${err?.stack}`)
  }
  return { debug: write, info: write, warn: write, error: bug, fatal: bug }
}
