const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Prisma's own: unreachable, timed out, closed, no free connection, a transaction that took too long. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'])

/** What pg says without a code. */
const pgMessages =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Query read timeout/

/** Whether the database could not be reached or went away: the same request may work in a moment. */
export function isConnectionError(error: unknown): boolean {
  return causes(error).some(({ code = '', message }) => {
    const left = code.startsWith('08') || code.startsWith('57P0') || code === '53300' || code === '25P03'
    return left || networkCodes.has(code) || prismaCodes.has(code) || pgMessages.test(message)
  })
}

/** Whether others were in the way: a statement or lock that took too long, a deadlock, a serialization failure. */
export function isContention(error: unknown): boolean {
  return causes(error).some(({ code = '' }) => ['57014', '55P03', '40P01', '40001', 'P2034'].includes(code))
}

/** Whether a disk is full, or the database has no memory left: nothing goes on until somebody makes room. */
export function isOutOfRoom(error: unknown): boolean {
  return causes(error).some(({ code = '' }) => ['53000', '53100', '53200', 'ENOSPC', 'EDQUOT'].includes(code))
}

/** An error and what it was caused by, at most a few deep. */
function causes(error: unknown, depth = 5): (Error & { code?: string })[] {
  if (!(error instanceof Error) || depth === 0) return []
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [error.cause]
  return [error, ...inner.flatMap((cause) => causes(cause, depth - 1))]
}

/** The constraint that an insert or update ran against, if that is what went wrong. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return code === '23505' || code === '23503' ? constraint : undefined
}

export interface ExceededQuota {
  id: string
  displayName: string
  limit: number
}

/** The service quota that a statement would have exceeded, if that is what went wrong: its triggers say so. */
export function exceededQuota(error: unknown): ExceededQuota | undefined {
  const { code, constraint, detail } = (error ?? {}) as { code?: string; constraint?: string; detail?: string }
  if (code !== '23514' || constraint !== 'applied_service_quotas_limit') return undefined
  const { id, display_name, limit } = JSON.parse(detail ?? '{}') as { id: string; display_name: string; limit: number }
  return { id, displayName: display_name, limit }
}
