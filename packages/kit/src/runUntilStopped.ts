import { ConfigurationProblem } from './configuration.ts'

/** A process is given this long to finish what it does. */
const graceMs = 9000

/**
 * Runs a program until SIGTERM or SIGINT, or until the parent that opened an IPC channel to it is
 * gone. What the program can't be helped with is said in one sentence, not in a stack trace.
 */
export async function runUntilStopped(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  try {
    const stop = await start()
    let stopping = false
    const end = () => {
      if (stopping) return
      stopping = true
      setTimeout(() => process.exit(1), graceMs).unref()
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`${name}: could not stop cleanly.`, error)
          process.exit(1)
        },
      )
    }
    process.on('SIGTERM', end)
    process.on('SIGINT', end)
    process.on('disconnect', end)
    process.send?.('ready')
  } catch (error) {
    console.error(`${name}: ${explain(error)}`)
    process.exit(1)
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationProblem) return error.message
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Free it, or set TRIBUTARY_PORT to another.`
  if (code === 'ECONNREFUSED') return `Nothing listens where it should: ${message}. Check DATABASE_URL and REDIS_URL.`
  if (code === 'ENOSPC') return 'The disk is full. Free some space and start again.'
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
