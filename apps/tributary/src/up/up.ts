import { mkdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma } from '@tributary/database/database'
import { migrate } from '@tributary/database/migrate'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { systemClock } from '@tributary/kit/clock'
import { readConfiguration, type Configuration } from '@tributary/kit/configuration'
import { MachineProblem } from '@tributary/kit/problems'
import { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { isFree } from '@tributary/orchestrators/local/ports'
import { interruption } from '../interruption.ts'
import { report, step } from '../progress.ts'
import { ensureCredentials, type Credentials } from './credentials.ts'
import { databaseProblem } from './databaseProblem.ts'
import { ensureFirstCluster } from './firstCluster.ts'
import { followAddresses } from './followAddresses.ts'
import { holdHome } from './holdHome.ts'
import { startStores, type Stores } from './stores.ts'
import { Supervisor } from './supervisor.ts'
import { welcome } from './welcome.ts'

/**
 * Runs an installation in the foreground until Ctrl-C. What is there already is taken over; what
 * died is started again. Stopping ends everything that belongs to the installation, brokers included.
 */
export async function up(): Promise<void> {
  const configuration = readConfiguration(process.env)
  const { home } = configuration
  const signal = interruption()
  await makeHome(home)
  await using cleanup = new AsyncDisposableStack()
  cleanup.use(await holdHome(home))
  try {
    await refuseTakenPort(configuration)
    const ready = await start(configuration, cleanup, signal)
    console.log(await welcome(configuration, ready))
    await interrupted(signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  console.log('')
  report('stopping')
}

/** Brings everything up; how to end each part is in `cleanup` before the next begins. */
async function start(
  configuration: Configuration,
  cleanup: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Credentials> {
  const { home } = configuration
  const stores = await step('starting Postgres and Redis', () => startStores(configuration, process.env))
  cleanup.defer(() => stores.stop())
  signal.throwIfAborted()

  const orchestrator = await localOrchestrator(configuration)
  const credentials = await prepareDatabase(configuration, stores, orchestrator)
  cleanup.defer(async () => {
    report('stopping the brokers')
    await orchestrator.stopAll()
  })
  signal.throwIfAborted()

  const supervisor = new Supervisor(path.join(home, 'logs'), {
    ...process.env,
    TRIBUTARY_HOME: home,
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
  })
  cleanup.defer(() => supervisor.stop())
  await step('starting the API and a worker', () =>
    Promise.all([supervisor.start('api', signal), supervisor.start('worker', signal)]),
  )
  return ensureFirstCluster(configuration, credentials, signal)
}

async function prepareDatabase(
  configuration: Configuration,
  { databaseUrl }: Stores,
  orchestrator: LocalOrchestrator,
): Promise<Credentials> {
  const prisma = createPrisma({ url: databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  try {
    await migrate(databaseUrl, path.join(projectDirectory, 'prisma/migrations'))
    const installation = await openInstallation(configuration.home)
    const credentials = await ensureCredentials(configuration, databaseUrl, prisma, installation)
    await followAddresses(configuration, prisma, orchestrator)
    return credentials
  } catch (error) {
    throw databaseProblem(error)
  } finally {
    await prisma.$disconnect()
  }
}

/** Its owner's alone. Postgres, which does not run as root, must be able to pass through root's. */
async function makeHome(home: string) {
  try {
    await mkdir(home, { recursive: true, mode: os.userInfo().uid === 0 ? 0o711 : 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw error
    throw new MachineProblem(`TRIBUTARY_HOME: ${home} cannot be made (${code}). Set it to a directory of yours.`, {
      cause: error,
    })
  }
}

async function refuseTakenPort({ host, port }: Configuration) {
  if (await isFree(host, port)) return
  throw new MachineProblem(
    `Port ${port} on ${host} cannot be listened on. Free it, or set TRIBUTARY_PORT to another (TRIBUTARY_HOST must be an address of this machine).`,
  )
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

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
