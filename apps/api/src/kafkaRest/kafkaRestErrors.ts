import { errors } from '@tributary/domain/errors'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { kafkaErrorsOf } from '@tributary/kafka/kafkaErrors'

/** What a broker refused, as Kafka REST says it. */
export function asKafkaRestError(error: unknown): never {
  const found = kafkaErrorsOf(error)
  const saying = (...apiIds: string[]) => found.find(({ apiId }) => apiIds.includes(apiId))
  if (saying('SASL_AUTHENTICATION_FAILED') || isAuthenticationError(error)) throw errors.badCredentials()
  if (saying('TOPIC_ALREADY_EXISTS')) throw kafkaRestErrors.topicExists()
  if (saying('UNKNOWN_TOPIC_OR_PARTITION')) throw kafkaRestErrors.noSuchTopic()
  if (saying('TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED')) throw kafkaRestErrors.notAuthorized()
  const invalid = saying(
    'INVALID_CONFIG',
    'INVALID_PARTITIONS',
    'INVALID_REPLICATION_FACTOR',
    'INVALID_TOPIC_EXCEPTION',
    'POLICY_VIOLATION',
    'INVALID_REQUEST',
  )
  if (invalid !== undefined) throw kafkaRestErrors.invalid(invalid.message)
  throw errors.unavailable('The cluster cannot be reached at the moment. Try again shortly.', 2, error)
}

function isAuthenticationError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errors: inner = [], cause } = error as Error & { code?: string; errors?: unknown[] }
  return code === 'PLT_KFK_AUTHENTICATION' || inner.some(isAuthenticationError) || isAuthenticationError(cause)
}
