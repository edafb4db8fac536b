import { openInstallation } from '@tributary/control/openInstallation'
import { Database } from '@tributary/database/database'
import { systemClock } from '@tributary/kit/clock'
import { readConfiguration } from '@tributary/kit/configuration'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { createServer } from './framework/server.ts'
import { operations } from './operations.ts'

await runUntilStopped('api', async () => {
  const configuration = readConfiguration(process.env)
  const { databaseUrl, home, host, port, publicHost } = configuration
  if (databaseUrl === undefined) throw new Error('DATABASE_URL: must be set for the api.')
  const log = createLog('api', configuration.logLevel)
  const database = new Database({ url: databaseUrl, role: 'tributary_api', maxConnections: 20 })
  const installation = await openInstallation(home)
  const app = await createServer({
    operations,
    services: { database, installation, clock: systemClock, publicUrl: `http://${publicHost}:${port}` },
    sessionKey: installation.keyring.derive('sessions'),
    log,
  })
  await app.listen({ host, port })
  log.info({ host, port }, 'serving')
  return async () => {
    await app.close()
    await database.close()
  }
})
