import { isConnectionError, type Database } from '@tributary/database/database'
import { pendingMigrations } from '@tributary/database/migrate'
import type { FastifyInstance } from 'fastify'

/**
 * `/livez`: the process answers. `/readyz`: it can do its work, or what keeps it from that, and then
 * it is a 503. Neither wants credentials, and neither says where anything is.
 */
export function serveHealth(app: FastifyInstance, database: Database, migrationsDirectory: string): void {
  app.get('/livez', { config: { operation: 'livez' } }, async () => ({ status: 'alive' }))
  app.get('/readyz', { config: { operation: 'readyz' } }, async (request, reply) => {
    const problem = await databaseProblem(database, migrationsDirectory, (error) =>
      request.log.warn({ err: error }, 'not ready'),
    )
    const ready = problem === undefined
    if (!ready) reply.header('retry-after', '2')
    reply.status(ready ? 200 : 503)
    return {
      status: ready ? 'ready' : 'unavailable',
      checks: [{ name: 'database', status: ready ? 'ok' : 'failing', message: problem ?? '' }],
    }
  })
}

async function databaseProblem(
  database: Database,
  migrationsDirectory: string,
  report: (error: unknown) => void,
): Promise<string | undefined> {
  try {
    const pending = await pendingMigrations(database, migrationsDirectory)
    if (pending.length === 0) return undefined
    return `The database lacks ${pending.length} migrations, ${pending[0]} first. Start the installation again to apply them.`
  } catch (error) {
    report(error)
    return isConnectionError(error)
      ? 'The database cannot be reached. Check that it runs, and DATABASE_URL.'
      : 'The database refuses to say which migrations it has. The log of the api says why.'
  }
}
