import { pino, type DestinationStream } from 'pino'

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

export function createLog(name: string, level: string, destination?: DestinationStream): pino.Logger {
  const formatters = { log: (fields: object) => withoutSecrets(fields, 0) as Record<string, unknown> }
  // What comes here is described already; pino's own would take it for an error of type Object.
  const serializers = { err: (described: unknown) => described }
  return pino({ name, level, formatters, serializers }, destination)
}

/** Fields of such a name may hold a secret, and never reach a log line. */
const secretName = /password|secret|authorization|cookie|token|private_?key|data_?key/i

/** What hangs deeper says nothing that a log line needs. */
const deepest = 6

function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth > deepest) return '[deep]'
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`
  if (value instanceof Error) return describeError(value, depth)
  if (Array.isArray(value)) return value.map((element) => withoutSecrets(element, depth + 1))
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    secretName.test(name) ? '[redacted]' : withoutSecrets(field, depth + 1),
  ])
  return Object.fromEntries(fields) as unknown
}

/** Other libraries hang what they worked on to their errors, a password among it: only this is taken. */
function describeError(error: Error & { code?: unknown }, depth: number) {
  const { name, message, stack, code, cause } = error
  return {
    type: name,
    message,
    stack,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: withoutSecrets(cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: withoutSecrets(error.errors, depth + 1) } : {}),
  }
}
