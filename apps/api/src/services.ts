import type { KeyUse } from '@tributary/control/apiKeys/keyUse'
import type { Installation } from '@tributary/control/installation'
import type { SignInThrottle } from '@tributary/control/sessions/signInThrottle'
import type { Database } from '@tributary/database/database'
import type { AdminPool } from '@tributary/kafka/adminPool'
import type { TopicWriters } from '@tributary/kafka/records'
import type { Clock } from '@tributary/kit/clock'
import type { SessionTokens } from './framework/sessionTokens.ts'

/** What operations work with. */
export interface Services {
  database: Database
  installation: Installation
  clock: Clock
  /** Open connections to the clusters, as the callers of Kafka REST. */
  kafkaClients: AdminPool
  /** What clients reach: `http://host:port`, no slash at its end. */
  publicUrl: string
  sessions: SessionTokens
  /** Seals page tokens. */
  pageTokenKey: Buffer
  signInThrottle: SignInThrottle
  keyUse: KeyUse
  topicWriters: TopicWriters
}
