import { readFile, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import path from 'node:path'
import { findPostgres, startPostgres } from '@tributary/embedded/postgres'
import { findRedis, startRedis } from '@tributary/embedded/redis'
import { ConfigurationProblem, type Configuration } from '@tributary/kit/configuration'
import { isAlive } from '@tributary/kit/processes'
import { freePort, isFree } from '@tributary/orchestrators/local/ports'
import { report } from '../progress.ts'

export interface Stores {
  databaseUrl: string
  redisUrl: string
  stop(): Promise<void>
}

interface Server {
  url: string
  pid: number
  stop(): Promise<void>
}

const watchEveryMs = 1000

/**
 * Postgres and Redis: those that were named, else our own on ports that this home keeps. Our own are
 * started again when they die.
 */
export async function startStores(configuration: Configuration, environment: NodeJS.ProcessEnv): Promise<Stores> {
  const { home, databaseUrl, redisUrl } = configuration
  const places = { postgres: path.join(home, 'postgres'), redis: path.join(home, 'redis') }
  const ports = await choosePorts(configuration, places)
  if (redisUrl !== undefined) await answers(new URL(redisUrl))
  const started = await Promise.allSettled([
    databaseUrl === undefined ? keep('Postgres', () => startPostgres(places.postgres, ports.postgres)) : undefined,
    redisUrl === undefined ? keep('Redis', () => startRedis(places.redis, ports.redis, environment)) : undefined,
  ])
  const [postgres, redis] = started.map((result) => (result.status === 'fulfilled' ? result.value : undefined))
  const stop = async () => {
    await Promise.all([postgres?.stop(), redis?.stop()])
  }
  const failure = started.find((result) => result.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  return { databaseUrl: databaseUrl ?? postgres?.url ?? '', redisUrl: redisUrl ?? redis?.url ?? '', stop }
}

async function keep(name: string, start: () => Promise<Server>): Promise<{ url: string; stop(): Promise<void> }> {
  let server = await start()
  let starting: Promise<void> | undefined
  const startAgain = async () => {
    report(`${name} ended; starting it again`)
    await start().then(
      (next) => void (server = next),
      (error: Error) => report(error.message),
    )
    starting = undefined
  }
  const timer = setInterval(() => {
    if (!isAlive(server.pid)) starting ??= startAgain()
  }, watchEveryMs)
  return {
    url: server.url,
    async stop() {
      clearInterval(timer)
      await starting
      await server.stop()
    },
  }
}

/** What runs already keeps its port; a port that something else has taken meanwhile is given up. */
async function choosePorts(
  { home, brokerPorts }: Configuration,
  places: { postgres: string; redis: string },
): Promise<{ postgres: number; redis: number }> {
  const file = path.join(home, 'ports.json')
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as { postgres?: number; redis?: number }
  const choose = async (wanted: number | undefined, running: { port: number } | undefined, taken: number) => {
    if (running !== undefined) return running.port
    if (wanted !== undefined && (await isFree('127.0.0.1', wanted))) return wanted
    return freePort('127.0.0.1', brokerPorts, new Set([taken]))
  }
  const postgres = await choose(known.postgres, await findPostgres(places.postgres), known.redis ?? 0)
  const redis = await choose(known.redis, await findRedis(places.redis), postgres)
  await writeFile(file, JSON.stringify({ postgres, redis }))
  return { postgres, redis }
}

/** Work goes on without Redis, slowly: that nothing listens there is a mistake to be told of at the start. */
async function answers({ hostname, port }: URL): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, '')
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port === '' ? 6379 : port), timeout: 5000 }, () => {
      socket.destroy()
      resolve()
    })
    const refuse = () => {
      socket.destroy()
      reject(new ConfigurationProblem(`REDIS_URL: no Redis answers at ${host}:${port}. Start it, or name another.`))
    }
    socket.once('error', refuse)
    socket.once('timeout', refuse)
  })
}
