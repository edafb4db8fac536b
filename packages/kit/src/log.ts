import { pino, type DestinationStream } from 'pino'

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** Fields that may hold a secret never reach a log line, however deep they hang. */
const secretFields = ['password', 'secret', 'authorization', 'token', 'refresh_token', 'privateKey']
const redactedPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `*.*.*.${field}`])

export function createLog(name: string, level: string, destination?: DestinationStream): pino.Logger {
  return pino({ name, level, redact: { paths: redactedPaths, censor: '[redacted]' } }, destination)
}
