import path from 'node:path'
import { KeyUse } from '@tributary/control/apiKeys/keyUse'
import { openInstallation } from '@tributary/control/openInstallation'
import { SignInThrottle } from '@tributary/control/sessions/signInThrottle'
import { Database } from '@tributary/database/database'
import { DatabaseClock } from '@tributary/database/databaseClock'
import { AdminPool } from '@tributary/kafka/adminPool'
import { TopicWriters } from '@tributary/kafka/records'
import { ConfigurationProblem, readConfiguration } from '@tributary/kit/configuration'
import { createLog } from '@tributary/kit/log'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'
import { createServer } from './framework/server.ts'
import { operations } from './operations.ts'

/** No statement of a request takes long: one without an answer by then has lost its database. */
const statementTimeoutMs = 5000
/** What is known of a topic that nobody writes to is kept for this long. */
const topicIdleMs = 60_000
/** For requests that follow each other; each holds a connection or two. */
const kafkaClientLimits = { idleMs: 30_000, mostClients: 200 }

await runUntilStopped('api', async () => {
  const configuration = readConfiguration(process.env)
  const { databaseUrl, home, host, port, publicUrl } = configuration
  if (databaseUrl === undefined) throw new ConfigurationProblem('DATABASE_URL: must be set for the api.')
  const log = createLog('api', configuration.logLevel)
  const database = new Database({ url: databaseUrl, role: 'tributary_api', maxConnections: 20, statementTimeoutMs })
  const installation = await openInstallation(home)
  const clock = await DatabaseClock.start(database, log)
  const keyUse = new KeyUse(database, log)
  const kafkaClients = new AdminPool(kafkaClientLimits)
  const app = await createServer({
    operations,
    services: {
      database,
      installation,
      clock,
      kafkaClients,
      publicUrl,
      pageTokenKey: installation.keyring.derive('page-tokens'),
      signInThrottle: new SignInThrottle(clock),
      keyUse,
      topicWriters: new TopicWriters({ idleMs: topicIdleMs }),
    },
    sessionKey: installation.keyring.derive('sessions'),
    migrationsDirectory: path.resolve(import.meta.dirname, '../../../prisma/migrations'),
    log,
  })
  await app.listen({ host, port })
  log.info({ host, port }, 'serving')
  return async () => {
    await app.close()
    await keyUse.stop()
    await kafkaClients.close()
    clock.stop()
    await database.close()
  }
})
