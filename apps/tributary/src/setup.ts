import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { buildKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { hydratePostgres } from '@tributary/embedded/postgres'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { installRedis } from '@tributary/embedded/redis'
import { report } from './progress.ts'
import { trainKafkaRuntime } from './trainKafkaRuntime.ts'

/** Everything that is downloaded or built once; what is there already costs a look. */
export async function setup(args: readonly string[]): Promise<void> {
  await generatePrismaClient()
  if (args.includes('--types-only')) return
  if (process.env['DATABASE_URL'] === undefined) await hydratePostgres()
  if (process.env['REDIS_URL'] === undefined) await installRedis(process.env, report)
  const runtime = await buildKafkaRuntime(process.env, report)
  await trainKafkaRuntime(runtime, report)
}

async function generatePrismaClient() {
  const schema = path.join(projectDirectory, 'prisma/schema.prisma')
  const stamp = path.join(projectDirectory, 'packages/database/src/generated/schema.sha256')
  const wanted = createHash('sha256')
    .update(await readFile(schema))
    .digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === wanted) return
  report('generating the database client')
  await promisify(execFile)(path.join(projectDirectory, 'node_modules/.bin/prisma'), ['generate'], {
    cwd: projectDirectory,
    // Generating needs no schema engine, but looks for one; any file will do.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/sh', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  })
  await writeFile(stamp, wanted)
}
