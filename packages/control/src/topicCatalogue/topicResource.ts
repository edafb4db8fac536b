import type { KafkaClusterId } from '@tributary/domain/ids'

/** What audit rows call a topic: it has no id of its own. */
export const topicResource = (clusterId: KafkaClusterId, name: string): string => `${clusterId}/topic=${name}`
