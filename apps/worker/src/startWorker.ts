import os from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { accessReconciler } from '@tributary/control/access/accessReconciler'
import { kafkaClusterReconciler } from '@tributary/control/kafkaClusters/kafkaClusterReconciler'
import { kafkaConfigurationReconciler } from '@tributary/control/kafkaConfiguration/kafkaConfigurationReconciler'
import { deleteAgain, sweepOrphans } from '@tributary/control/kafkaClusters/sweepOrphans'
import { namingUnansweredBrokers } from '@tributary/control/kafkaClusters/namingUnansweredBrokers'
import { followWorkloads } from '@tributary/control/kafkaClusters/followWorkloads'
import { topicCatalogueReconciler } from '@tributary/control/topicCatalogue/topicCatalogueReconciler'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, Database } from '@tributary/database/database'
import { DatabaseClock } from '@tributary/database/databaseClock'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { startEngine } from '@tributary/engine/engine'
import { Jobs } from '@tributary/engine/jobs'
import type { Reconciler } from '@tributary/engine/reconciler'
import { systemClock } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import { Redis } from 'ioredis'

export interface WorkerOptions {
  databaseUrl: string
  redisUrl: string
  home: string
  leaseTtlMs: number
  orchestrator: Orchestrator
  log: Log
}

/** Relay, sweeper and the reconcilers of every kind, on whatever runs the workloads. Returns how to stop. */
export async function startWorker(options: WorkerOptions): Promise<() => Promise<void>> {
  const { databaseUrl, redisUrl, home, leaseTtlMs, orchestrator, log } = options
  const database = new Database({ url: databaseUrl, role: 'tributary_worker' })
  const prisma = createPrisma({ url: databaseUrl, role: 'tributary_worker' })
  const resources = new Resources(database, prisma, leaseTtlMs)
  const installation = await openInstallation(home)
  const dependencies = { database, prisma, orchestrator, installation, clock: systemClock }
  const made = [
    kafkaClusterReconciler(dependencies),
    accessReconciler(dependencies),
    kafkaConfigurationReconciler(dependencies),
    topicCatalogueReconciler(dependencies),
  ] as readonly Reconciler[]
  const reconcilers = made.map(namingUnansweredBrokers)
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  redis.on('error', (error) => log.warn({ err: error }, 'Redis'))
  const jobs = new Jobs({ connection: redis, prefix: 'tributary', kinds: reconcilers.map(({ kind }) => kind), log })
  const databaseClock = await DatabaseClock.start(database, log)
  const engine = startEngine({
    database,
    resources,
    steps: new Steps(database),
    jobs,
    reconcilers,
    clock: { ...systemClock, now: () => databaseClock.now() },
    log,
    holder: `${os.hostname()}/${process.pid}`,
  })
  const unwatch = followWorkloads({ orchestrator, resources, jobs, clock: systemClock, log })
  const stopSweeping = sweepOrphans({
    orchestrator,
    clock: systemClock,
    log,
    takeDown: (workloads) => deleteAgain(database, workloads),
  })
  return async () => {
    unwatch()
    stopSweeping()
    databaseClock.stop()
    await engine.stop(7000)
    await jobs.close(500)
    redis.disconnect()
    // A step that did not end in time may hold a connection for good: the process ends without it.
    const closed = Promise.all([prisma.$disconnect(), database.close()])
    await Promise.race([closed, delay(500)])
  }
}
