import { ConfigurationProblem } from './configuration.ts'
import { MachineProblem } from './problems.ts'

/** A process is given this long to finish what it does. */
const graceMs = 9000

/**
 * Runs a program until SIGTERM or SIGINT, or until the parent that opened an IPC channel to it is
 * gone. What the program can't be helped with is said in one sentence, not in a stack trace.
 */
export async function runUntilStopped(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  let end = endAtOnce
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => end())
  try {
    const stop = await start()
    end = () => {
      end = () => undefined
      setTimeout(() => process.exit(1), graceMs).unref()
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`${name}: could not stop cleanly.`, error)
          process.exit(1)
        },
      )
    }
    process.send?.('ready')
  } catch (error) {
    console.error(`${name}: ${explain(error)}`)
    process.exit(1)
  }
}

/** Until a program has started there is nothing to finish. */
function endAtOnce(): void {
  process.exit(0)
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationProblem || error instanceof MachineProblem) return error.message
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Free it, or set TRIBUTARY_PORT to another.`
  if (code === 'EADDRNOTAVAIL') return 'TRIBUTARY_HOST is no address of this machine.'
  if (code === 'ECONNREFUSED') return `Nothing listens where it should: ${message}. Check DATABASE_URL and REDIS_URL.`
  if (code === 'ENOSPC') return 'The disk is full. Free some space and start again.'
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
