import { GenericError, NetworkError, ResponseError } from '@platformatic/kafka'

/**
 * Kafka's own name of what a broker refused, such as TOPIC_ALREADY_EXISTS. The client nests one
 * error for each topic and attempt.
 */
export function hasKafkaError(error: unknown, apiId: string): boolean {
  return kafkaErrorsOf(error).some((found) => found.apiId === apiId)
}

export interface KafkaError {
  apiId: string
  message: string
}

export function kafkaErrorsOf(error: unknown): KafkaError[] {
  if (!(error instanceof Error)) return []
  const {
    apiId,
    errors = [],
    cause,
    serverErrorMessage,
  } = error as Error & {
    apiId?: string
    errors?: unknown[]
    serverErrorMessage?: string | null
  }
  const own = apiId === undefined ? [] : [{ apiId, message: serverErrorMessage ?? error.message }]
  return [...own, ...errors.flatMap(kafkaErrorsOf), ...kafkaErrorsOf(cause)]
}

/** Whether the broker does not take the credentials. The client calls a login that broke off by the same name. */
export function isAuthenticationFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errors = [], cause } = error as Error & { code?: string; errors?: unknown[] }
  if (code === 'PLT_KFK_AUTHENTICATION') return kafkaErrorsOf(cause).length > 0
  return errors.some(isAuthenticationFailure) || isAuthenticationFailure(cause)
}

/** Whether the cluster certainly did not do what it was asked. Where a connection broke or time ran out, nobody knows. */
export const isRefusal = (error: unknown): boolean =>
  isAuthenticationFailure(error) || (kafkaErrorsOf(error).length > 0 && !hasKafkaError(error, 'REQUEST_TIMED_OUT'))

/** Whether the connection went away before there was an answer. One that came too late is none of these. */
export function isBrokenConnection(error: unknown): boolean {
  if (error instanceof NetworkError) return true
  return error instanceof AggregateError && error.errors.some(isBrokenConnection)
}

/** Whether it may work later, with nothing changed: nobody answered, or a broker said that it cannot do it for now. */
export function mayMendItself(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(mayMendItself)
  if (!isClientError(error)) return false
  const { code, canRetry } = error as Error & { code?: string; canRetry?: boolean }
  // The client gives the code of a broken connection to what came too late, too.
  return canRetry === true || code === NetworkError.code
}

/**
 * An answer of several parts. The client throws it as soon as one of them is an error; the others, and
 * which it was, are in it.
 */
export async function partsOf<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request
  } catch (error) {
    if (error instanceof ResponseError) return error['response'] as Answer
    throw error
  }
}

/** Whether it is of the Kafka client at all: what a broker said, or that none could be asked. */
export const isClientError = (error: unknown): error is Error =>
  error instanceof Error && GenericError.isGenericError(error)
