import { createPrisma, Database } from '@tributary/database/database'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { startEngine } from '@tributary/engine/engine'
import { Jobs } from '@tributary/engine/jobs'
import { connectRedis } from '@tributary/engine/redis'
import { systemClock } from '@tributary/kit/clock'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { fakeReconciler } from './fakeKind.ts'

/** A worker of the fake kinds in KINDS. It stops itself, as by SIGSTOP, when the step PAUSE_AT has begun. */
const { DATABASE_URL: url = '', REDIS_URL = '', MACHINES = '', KINDS = '', PAUSE_AT } = process.env

const pause = (step: string) => {
  if (step === PAUSE_AT) process.kill(process.pid, 'SIGSTOP')
}

await runUntilStopped('fake worker', async () => {
  const log = createLog('fake worker', 'warn')
  const database = new Database({ url, role: 'tributary_worker' })
  const prisma = createPrisma({ url, role: 'tributary_worker' })
  const orchestrator = new FakeOrchestrator(MACHINES, systemClock)
  const reconcilers = KINDS.split(',').map((kind) => fakeReconciler(kind, { prisma, orchestrator }, pause))
  const redis = connectRedis(REDIS_URL, log)
  const jobs = new Jobs({ connection: redis, prefix: 'fake', kinds: reconcilers.map(({ kind }) => kind), log })
  const engine = startEngine({
    database,
    resources: new Resources(database, prisma, 800),
    steps: new Steps(database),
    jobs,
    reconcilers,
    clock: systemClock,
    log,
    holder: String(process.pid),
  })
  return async () => {
    await engine.stop(3000)
    await jobs.close(500)
    redis.disconnect()
  }
})
