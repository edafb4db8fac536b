import type { ApiAnswer } from '@tributary/testkit/apiClient'

/** One request as its client saw it. */
export interface Answered {
  request: string
  /** By `performance.now()`. */
  sentAt: number
  answeredAt: number
  status: number
  /** What is wrong with it, whatever is being done to the installation. */
  flaw?: string
}

/** The longest that a client waits for anything. */
const patienceMs = 9000
/** What only operators may know. */
const inside = /ECONN|EPIPE|Prisma|pg_|postgres|Redis|127\.0\.0\.1|terminating connection|node_modules/

/**
 * What is wrong with an answer: it must be one of those that the request may have, or a 503 that says when to come
 * back, in the envelope of errors and without what is none of the client's business.
 */
export function flawOf({ status, headers, body, text }: ApiAnswer, expected: readonly number[], tookMs: number) {
  if (tookMs > patienceMs) return `took ${Math.round(tookMs)} ms`
  if (expected.includes(status)) return undefined
  if (status !== 503) return `answered ${status}: ${text}`
  if (!/^[1-9]\d*$/.test(headers.get('retry-after') ?? '')) return 'a 503 without Retry-After'
  if (inside.test(text)) return `a 503 that says too much: ${text}`
  const [error, ...more] = (body?.errors ?? []) as Record<string, unknown>[]
  const isWhole = ['id', 'code', 'title', 'detail'].every((field) => typeof error?.[field] === 'string')
  return isWhole && error?.['status'] === '503' && more.length === 0 ? undefined : `a 503 in another envelope: ${text}`
}

/** The first few, as after them come more of the same. */
export const flawsOf = (answers: readonly Answered[]) =>
  answers.flatMap(({ request, flaw }) => (flaw === undefined ? [] : [`${request}: ${flaw}`])).slice(0, 10)

export const refusalsOf = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 503)

/** Milliseconds from `since` until the last refusal was answered; 0 where there was none. */
export const refusedForMs = (answers: readonly Answered[], since: number) =>
  Math.max(0, ...refusalsOf(answers).map(({ answeredAt }) => answeredAt - since))
