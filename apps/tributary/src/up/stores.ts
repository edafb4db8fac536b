import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startPostgres } from '@tributary/embedded/postgres'
import { startRedis } from '@tributary/embedded/redis'
import type { Configuration } from '@tributary/kit/configuration'
import { freePort } from '@tributary/orchestrators/local/ports'

export interface Stores {
  databaseUrl: string
  redisUrl: string
  stop(): Promise<void>
}

interface Ports {
  postgres: number
  redis: number
}

/** Postgres and Redis: those that were named, else our own on ports that this home keeps. */
export async function startStores(configuration: Configuration, environment: NodeJS.ProcessEnv): Promise<Stores> {
  const { home, databaseUrl, redisUrl } = configuration
  const ports = await portsOf(configuration)
  const [postgres, redis] = await Promise.all([
    databaseUrl === undefined ? startPostgres(path.join(home, 'postgres'), ports.postgres) : undefined,
    redisUrl === undefined ? startRedis(path.join(home, 'redis'), ports.redis, environment) : undefined,
  ])
  return {
    databaseUrl: postgres?.url ?? databaseUrl ?? '',
    redisUrl: redis?.url ?? redisUrl ?? '',
    async stop() {
      await Promise.all([postgres?.stop(), redis?.stop()])
    },
  }
}

async function portsOf({ home, brokerPorts }: Configuration): Promise<Ports> {
  const file = path.join(home, 'ports.json')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return JSON.parse(known) as Ports
  const postgres = await freePort('127.0.0.1', brokerPorts, new Set())
  const redis = await freePort('127.0.0.1', brokerPorts, new Set([postgres]))
  await writeFile(file, JSON.stringify({ postgres, redis }))
  return { postgres, redis }
}
