import { protocolErrorsCodesById } from '@platformatic/kafka'

/**
 * What a broker's answer to a batch means. `split`: one record spoils it, and nothing of it was written.
 * `again`: not written, and it may be once the cluster has settled. `unknown`: written or not; only a
 * broker that knows the producer takes a repetition for what it is. `forgotten`: the broker does not
 * know the producer any more, and wrote nothing.
 */
export type Outcome = 'written' | 'split' | 'again' | 'unknown' | 'forgotten' | 'refused'

const outcomes: Readonly<Partial<Record<string, Outcome>>> = {
  MESSAGE_TOO_LARGE: 'split',
  RECORD_LIST_TOO_LARGE: 'split',
  INVALID_RECORD: 'split',
  INVALID_TIMESTAMP: 'split',
  NOT_LEADER_OR_FOLLOWER: 'again',
  LEADER_NOT_AVAILABLE: 'again',
  FENCED_LEADER_EPOCH: 'again',
  UNKNOWN_LEADER_EPOCH: 'again',
  UNKNOWN_TOPIC_OR_PARTITION: 'again',
  NOT_ENOUGH_REPLICAS: 'again',
  KAFKA_STORAGE_ERROR: 'again',
  REQUEST_TIMED_OUT: 'unknown',
  NETWORK_EXCEPTION: 'unknown',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unknown',
  UNKNOWN_PRODUCER_ID: 'forgotten',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'forgotten',
  INVALID_PRODUCER_EPOCH: 'forgotten',
  INVALID_PRODUCER_ID_MAPPING: 'forgotten',
}

export const outcomeOf = (errorCode: number): Outcome =>
  errorCode === 0 ? 'written' : (outcomes[protocolErrorsCodesById[errorCode] ?? ''] ?? 'refused')
