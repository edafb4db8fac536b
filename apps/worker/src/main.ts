import '@tributary/kit/leanHeap'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { accessReconciler } from '@tributary/control/access/accessReconciler'
import { failpoints } from '@tributary/control/failpoints'
import { kafkaClusterReconciler } from '@tributary/control/kafkaClusters/kafkaClusterReconciler'
import { kafkaConfigurationReconciler } from '@tributary/control/kafkaConfiguration/kafkaConfigurationReconciler'
import { takeDownOrphan } from '@tributary/control/kafkaClusters/takeDownOrphan'
import { followWorkloads } from '@tributary/control/kafkaClusters/followWorkloads'
import { topicCatalogueReconciler } from '@tributary/control/topicCatalogue/topicCatalogueReconciler'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, Database } from '@tributary/database/database'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { startEngine } from '@tributary/engine/engine'
import { armFailpoints } from '@tributary/engine/failpoints'
import { Jobs } from '@tributary/engine/jobs'
import type { Reconciler } from '@tributary/engine/reconciler'
import { systemClock } from '@tributary/kit/clock'
import { ConfigurationProblem, readConfiguration } from '@tributary/kit/configuration'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { Redis } from 'ioredis'

await runUntilStopped('worker', async () => {
  const configuration = readConfiguration(process.env)
  const { databaseUrl, redisUrl, home, host, publicHost, brokerPorts } = configuration
  if (databaseUrl === undefined) throw new ConfigurationProblem('DATABASE_URL: must be set for the worker.')
  if (redisUrl === undefined) throw new ConfigurationProblem('REDIS_URL: must be set for the worker.')
  armFailpoints(process.env['TRIBUTARY_FAILPOINT'], failpoints)
  const log = createLog('worker', configuration.logLevel)
  const database = new Database({ url: databaseUrl, role: 'tributary_worker' })
  const prisma = createPrisma({ url: databaseUrl, role: 'tributary_worker' })
  const resources = new Resources(database, prisma, configuration.leaseTtlMs)
  const installation = await openInstallation(home)
  const orchestrator = new LocalOrchestrator({
    directory: path.join(home, 'workloads'),
    runtimes: { kafka: await loadKafkaRuntime(process.env) },
    listenHost: host,
    publicHost,
    portRange: brokerPorts,
    clock: systemClock,
  })
  const dependencies = { database, prisma, orchestrator, installation, clock: systemClock }
  const reconcilers = [
    kafkaClusterReconciler(dependencies),
    accessReconciler(dependencies),
    kafkaConfigurationReconciler(dependencies),
    topicCatalogueReconciler(dependencies),
  ] as readonly Reconciler[]
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  redis.on('error', (error) => log.warn({ err: error }, 'Redis'))
  const jobs = new Jobs({ connection: redis, prefix: 'tributary', kinds: reconcilers.map(({ kind }) => kind), log })
  const engine = startEngine({
    database,
    resources,
    steps: new Steps(database),
    jobs,
    reconcilers,
    clock: systemClock,
    log,
    holder: `${os.hostname()}/${process.pid}`,
  })
  const unwatch = followWorkloads({
    orchestrator,
    resources,
    jobs,
    log,
    takeDownOrphan: (workload) => takeDownOrphan(database, workload),
  })
  log.info('working')
  return async () => {
    unwatch()
    await engine.stop(7000)
    await jobs.close(500)
    redis.disconnect()
    // A step that did not end in time may hold a connection for good: the process ends without it.
    const closed = Promise.all([prisma.$disconnect(), database.close()])
    await Promise.race([closed, delay(500)])
  }
})
