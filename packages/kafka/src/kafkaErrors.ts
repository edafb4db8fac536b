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

/** Whether the broker does not take the credentials: it says so before any request, in no Kafka error. */
export function isAuthenticationFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errors = [], cause } = error as Error & { code?: string; errors?: unknown[] }
  return code === 'PLT_KFK_AUTHENTICATION' || errors.some(isAuthenticationFailure) || isAuthenticationFailure(cause)
}
