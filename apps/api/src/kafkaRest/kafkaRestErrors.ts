import { errors, type AppError } from '@tributary/domain/errors'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { isAuthenticationFailure, isClientError, kafkaErrorsOf } from '@tributary/kafka/kafkaErrors'

type Said = (message: string) => AppError

const { invalid, notSupported, messageTooLarge, notAuthorized, retriable } = kafkaRestErrors

/** What each of Kafka's errors is in Kafka REST, the telling ones first: an answer may hold several. */
const meanings = new Map<string, Said>(
  Object.entries({
    SASL_AUTHENTICATION_FAILED: errors.badCredentials,
    TOPIC_AUTHORIZATION_FAILED: notAuthorized,
    GROUP_AUTHORIZATION_FAILED: notAuthorized,
    CLUSTER_AUTHORIZATION_FAILED: notAuthorized,
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: notAuthorized,
    TOPIC_ALREADY_EXISTS: kafkaRestErrors.topicExists,
    INVALID_CONFIG: invalid,
    INVALID_PARTITIONS: invalid,
    INVALID_REPLICATION_FACTOR: invalid,
    INVALID_REPLICA_ASSIGNMENT: invalid,
    INVALID_TOPIC_EXCEPTION: invalid,
    INVALID_GROUP_ID: invalid,
    INVALID_TIMESTAMP: invalid,
    INVALID_RECORD: invalid,
    INVALID_REQUEST: invalid,
    POLICY_VIOLATION: invalid,
    SECURITY_DISABLED: invalid,
    TOPIC_DELETION_DISABLED: invalid,
    NON_EMPTY_GROUP: invalid,
    MESSAGE_TOO_LARGE: messageTooLarge,
    RECORD_LIST_TOO_LARGE: messageTooLarge,
    UNKNOWN_TOPIC_OR_PARTITION: kafkaRestErrors.noSuchTopic,
    UNKNOWN_TOPIC_ID: kafkaRestErrors.noSuchTopic,
    GROUP_ID_NOT_FOUND: kafkaRestErrors.noSuchGroup,
    UNKNOWN_MEMBER_ID: kafkaRestErrors.noSuchMember,
    UNSUPPORTED_VERSION: notSupported,
    THROTTLING_QUOTA_EXCEEDED: kafkaRestErrors.throttled,
    LEADER_NOT_AVAILABLE: retriable,
    NOT_LEADER_OR_FOLLOWER: retriable,
    NOT_CONTROLLER: retriable,
    NOT_COORDINATOR: retriable,
    COORDINATOR_NOT_AVAILABLE: retriable,
    COORDINATOR_LOAD_IN_PROGRESS: retriable,
    NOT_ENOUGH_REPLICAS: retriable,
    NOT_ENOUGH_REPLICAS_AFTER_APPEND: retriable,
    REASSIGNMENT_IN_PROGRESS: retriable,
    REQUEST_TIMED_OUT: kafkaRestErrors.timedOut,
  }),
)

/** What a broker refused, as Kafka REST says it. Throws what is none of Kafka's as it is. */
export function asKafkaRestError(error: unknown): never {
  if (!isClientError(error)) throw error
  if (isAuthenticationFailure(error)) throw errors.badCredentials()
  const found = new Map(kafkaErrorsOf(error).map(({ apiId, message }) => [apiId, message]))
  for (const [apiId, said] of meanings) {
    const message = found.get(apiId)
    if (message !== undefined) throw said(message)
  }
  if (found.size > 0) throw kafkaRestErrors.unexpected(error)
  throw errors.unavailable('The cluster cannot be reached at the moment. Try again shortly.', 2, error)
}
