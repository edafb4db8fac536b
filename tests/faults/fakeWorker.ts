import { createPrisma, Database } from '@tributary/database/database'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { startEngine } from '@tributary/engine/engine'
import { armFailpoints, failpointNames } from '@tributary/engine/failpoints'
import { Jobs } from '@tributary/engine/jobs'
import { connectRedis } from '@tributary/engine/redis'
import { systemClock } from '@tributary/kit/clock'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { fakeReconciler, fakeSteps } from './fakeKind.ts'
import { TenfoldJobs } from './tenfoldJobs.ts'

/**
 * A worker of the fake kinds in KINDS. It stops itself, as by SIGSTOP, when the step PAUSE_AT has begun. With DELIVERY
 * set to `tenfold` it says in the end how many jobs it was given.
 */
const { DATABASE_URL: url = '', REDIS_URL = '', MACHINES = '', PAUSE_AT, DELIVERY, START_MS = '0' } = process.env
const kinds = (process.env['KINDS'] ?? '').split(',')

const pause = (step: string) => {
  if (step === PAUSE_AT) process.kill(process.pid, 'SIGSTOP')
}

await runUntilStopped('fake worker', async () => {
  armFailpoints(
    process.env['TRIBUTARY_FAILPOINT'],
    failpointNames(Object.fromEntries(kinds.map((kind) => [kind, fakeSteps]))),
  )
  const log = createLog('fake worker', 'warn')
  const database = new Database({ url, role: 'tributary_worker' })
  const prisma = createPrisma({ url, role: 'tributary_worker' })
  const orchestrator = new FakeOrchestrator(MACHINES, systemClock)
  const dependencies = { prisma, orchestrator, startMs: Number(START_MS) }
  const redis = connectRedis(REDIS_URL, log)
  const options = { connection: redis, prefix: 'fake', kinds, log }
  const jobs = DELIVERY === 'tenfold' ? new TenfoldJobs(options) : new Jobs(options)
  const engine = startEngine({
    database,
    resources: new Resources(database, prisma, Number(process.env['LEASE_TTL_MS'])),
    steps: new Steps(database),
    jobs,
    reconcilers: kinds.map((kind) => fakeReconciler(kind, dependencies, pause)),
    clock: systemClock,
    log,
    holder: String(process.pid),
    firstPruneAfterMs: 20,
  })
  return async () => {
    await engine.stop(3000)
    await jobs.close(500)
    redis.disconnect()
    if (jobs instanceof TenfoldJobs) await new Promise((sent) => process.send?.({ handled: jobs.handled }, sent))
  }
})
