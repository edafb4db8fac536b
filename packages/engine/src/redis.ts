import type { Log } from '@tributary/kit/log'
import { Redis } from 'ioredis'

/** A connection for queues: it waits for Redis as long as that takes, and says so. */
export function connectRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null })
  redis.on('error', (error) => log.warn({ err: error }, 'Redis'))
  return redis
}
