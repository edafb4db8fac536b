import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { locateJava } from '@tributary/embedded/java'
import { buildKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import type { SetupContext } from '@tributary/embedded/maven'
import { hydratePostgres } from '@tributary/embedded/postgres'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { installRedis } from '@tributary/embedded/redis'
import { removeUnfinished } from '@tributary/embedded/unfinished'
import { readConfiguration } from '@tributary/kit/configuration'
import { interruption } from './interruption.ts'
import { step } from './progress.ts'
import { endUnfinishedTraining, trainKafkaRuntime } from './trainKafkaRuntime.ts'

/** Everything that is downloaded or built once; what is there already costs a look. */
export async function setup(args: readonly string[]): Promise<void> {
  const context: SetupContext = { environment: process.env, step, signal: interruption() }
  try {
    await generatePrismaClient(context)
    if (args.includes('--types-only')) return
    const { databaseUrl, redisUrl } = readConfiguration(process.env)
    await locateJava(process.env)
    await endUnfinishedTraining()
    await removeUnfinished()
    if (databaseUrl === undefined) await hydratePostgres()
    if (redisUrl === undefined) await installRedis(context)
    await trainKafkaRuntime(await buildKafkaRuntime(context), context)
  } catch (error) {
    if (!context.signal.aborted) throw error
    console.log('Set-up was stopped. The next one goes on.')
    process.exitCode = 130
  }
}

async function generatePrismaClient({ signal }: SetupContext) {
  const schema = path.join(projectDirectory, 'prisma/schema.prisma')
  const stamp = path.join(projectDirectory, 'packages/database/src/generated/schema.sha256')
  const wanted = createHash('sha256')
    .update(await readFile(schema))
    .digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === wanted) return
  const prisma = path.join(projectDirectory, 'node_modules/.bin/prisma')
  await step('generating the database client', () =>
    promisify(execFile)(prisma, ['generate'], {
      cwd: projectDirectory,
      // Generating needs no schema engine, but looks for one; any file will do.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/sh', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
      signal,
    }),
  )
  await writeFile(stamp, wanted)
}
