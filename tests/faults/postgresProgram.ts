import { startPostgres } from '@tributary/embedded/postgres'
import { isAlive } from '@tributary/kit/processes'
import { runUntilStopped } from '@tributary/kit/runUntilStopped'

/** A Postgres in DIRECTORY, on PORT, that is started again when it dies. */
const { DIRECTORY = '', PORT = '' } = process.env

const start = () => startPostgres(DIRECTORY, Number(PORT))

await runUntilStopped('postgres', async () => {
  let server = await start()
  let starting: Promise<unknown> | undefined
  const timer = setInterval(() => {
    if (isAlive(server.pid)) return
    starting ??= start()
      .then((next) => (server = next))
      // It cannot start while its disk is full.
      .catch(() => undefined)
      .finally(() => (starting = undefined))
  }, 500)
  return async () => {
    clearInterval(timer)
    await starting
    await server.stop()
  }
})
