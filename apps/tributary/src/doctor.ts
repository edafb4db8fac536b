import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { locateJava } from '@tributary/embedded/java'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { locatePostgres } from '@tributary/embedded/postgres'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { locateRedis } from '@tributary/embedded/redis'
import { readConfiguration } from '@tributary/kit/configuration'
import { isFree } from '@tributary/orchestrators/local/ports'

const leastFreeBytes = 2 * 1024 ** 3

/** Looks at everything that `up` needs and says what is wrong, and how to mend it. */
export async function doctor(): Promise<void> {
  const checks: Record<string, () => Promise<string>> = {
    configuration: async () => {
      const { home, port } = readConfiguration(process.env)
      return `state in ${home}, port ${port}`
    },
    'API port': async () => {
      const { host, port } = readConfiguration(process.env)
      if (await isFree(host, port)) return `${port} is free`
      throw new Error(`Port ${port} is taken: by Tributary itself if it runs; else set TRIBUTARY_PORT to another.`)
    },
    Java: async () => `${(await locateJava(process.env)).majorVersion}`,
    Maven: async () => {
      const found = await promisify(execFile)('mvn', ['--version']).catch(() => undefined)
      if (found === undefined) throw new Error('Maven was not found. Install it: set-up downloads Kafka with it.')
      return found.stdout.split('\n')[0] ?? ''
    },
    Kafka: async () => (await loadKafkaRuntime(process.env)).directory,
    Postgres: async () => (process.env['DATABASE_URL'] === undefined ? locatePostgres() : 'from DATABASE_URL'),
    Redis: async () => (process.env['REDIS_URL'] === undefined ? locateRedis(process.env) : 'from REDIS_URL'),
    disk: async () => {
      const { bavail, bsize } = await statfs(projectDirectory)
      if (bavail * bsize < leastFreeBytes) throw new Error('Less than 2 GB are free. Free some space.')
      return `${Math.round((bavail * bsize) / 1024 ** 3)} GB free`
    },
  }
  for (const [name, check] of Object.entries(checks)) {
    try {
      console.log(`✓ ${name}: ${await check()}`)
    } catch (error) {
      console.log(`✗ ${name}: ${(error as Error).message}`)
      process.exitCode = 1
    }
  }
}
