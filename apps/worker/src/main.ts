import '@tributary/kit/leanHeap'
import path from 'node:path'
import { failpoints } from '@tributary/control/failpoints'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { armFailpoints } from '@tributary/engine/failpoints'
import { systemClock } from '@tributary/kit/clock'
import { ConfigurationProblem, readConfiguration } from '@tributary/kit/configuration'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { startWorker } from './startWorker.ts'

await runUntilStopped('worker', async () => {
  const configuration = readConfiguration(process.env)
  const { databaseUrl, redisUrl, home, host, publicHost, brokerPorts, leaseTtlMs } = configuration
  if (databaseUrl === undefined) throw new ConfigurationProblem('DATABASE_URL: must be set for the worker.')
  if (redisUrl === undefined) throw new ConfigurationProblem('REDIS_URL: must be set for the worker.')
  armFailpoints(process.env['TRIBUTARY_FAILPOINT'], failpoints)
  const log = createLog('worker', configuration.logLevel)
  const orchestrator = new LocalOrchestrator({
    directory: path.join(home, 'workloads'),
    runtimes: { kafka: await loadKafkaRuntime(process.env) },
    listenHost: host,
    publicHost,
    portRange: brokerPorts,
    clock: systemClock,
  })
  const stop = await startWorker({ databaseUrl, redisUrl, home, leaseTtlMs, orchestrator, log })
  log.info('working')
  return stop
})
