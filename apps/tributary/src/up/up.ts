import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { openInstallation } from '@tributary/control/openInstallation'
import { migrate } from '@tributary/database/migrate'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { MachineProblem } from '@tributary/embedded/problems'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { systemClock } from '@tributary/kit/clock'
import { readConfiguration, type Configuration } from '@tributary/kit/configuration'
import { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { isFree } from '@tributary/orchestrators/local/ports'
import { report } from '../progress.ts'
import { ensureCredentials } from './credentials.ts'
import { ensureFirstCluster } from './firstCluster.ts'
import { holdHome } from './holdHome.ts'
import { startStores } from './stores.ts'
import { Supervisor } from './supervisor.ts'
import { welcome } from './welcome.ts'

/**
 * Runs an installation in the foreground until Ctrl-C. What is there already is taken over; what
 * died is started again. Stopping ends everything that belongs to the installation, brokers included.
 */
export async function up(): Promise<void> {
  const configuration = readConfiguration(process.env)
  const { home, host, port } = configuration
  await mkdir(home, { recursive: true, mode: 0o700 })
  const stopping = interruption()
  await using cleanup = new AsyncDisposableStack()
  cleanup.use(await holdHome(home))
  if (!(await isFree(host, port))) {
    throw new MachineProblem(`Port ${port} on ${host} is taken. Free it, or set TRIBUTARY_PORT to another.`)
  }

  report('starting Postgres and Redis')
  const stores = await startStores(configuration, process.env)
  cleanup.defer(() => stores.stop())
  await migrate(stores.databaseUrl, path.join(projectDirectory, 'prisma/migrations'))
  const installation = await openInstallation(home)
  const credentials = await ensureCredentials(configuration, stores.databaseUrl, installation)

  const orchestrator = await localOrchestrator(configuration)
  cleanup.defer(async () => {
    report('stopping the brokers')
    await orchestrator.stopAll()
  })

  report('starting the API and a worker')
  const supervisor = new Supervisor(path.join(home, 'logs'), {
    ...process.env,
    TRIBUTARY_HOME: home,
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
  })
  cleanup.defer(() => supervisor.stop())
  await Promise.all([supervisor.start('api'), supervisor.start('worker')])

  const ready = await Promise.race([stopping, ensureFirstCluster(configuration, credentials, report)])
  if (ready !== undefined) {
    console.log(await welcome(configuration, ready))
    await stopping
  }
  console.log('')
  report('stopping')
}

async function localOrchestrator({ home, host, publicHost, brokerPorts }: Configuration) {
  return new LocalOrchestrator({
    directory: path.join(home, 'workloads'),
    runtimes: { kafka: await loadKafkaRuntime(process.env) },
    listenHost: host,
    publicHost,
    portRange: brokerPorts,
    clock: systemClock,
  })
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one is ignored, for the first is being carried out. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(undefined))
  })
}
