import type { AppError } from '@tributary/domain/errors'
import { alterTopicConfigs, describeTopicConfigs, type Config, type ConfigChange } from '@tributary/kafka/configs'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/**
 * Makes all of the changes, or none. Throws what the broker says against them, and `unknown` for a
 * config that does not exist: the broker takes such a one back without a word.
 */
export async function updateTopicConfigs(
  { connection }: ClusterClient,
  topic: string,
  changes: readonly ConfigChange[],
  { validateOnly, unknown }: { validateOnly: boolean; unknown: (name: string) => AppError },
): Promise<void> {
  const known = new Set((await describeTopicConfigs(connection, topic)).map(({ name }) => name))
  const strange = changes.find(({ name }) => !known.has(name))
  if (strange !== undefined) throw unknown(strange.name)
  if (changes.length === 0) return
  await alterTopicConfigs(connection, topic, changes, { validateOnly })
  if (validateOnly) return
  await untilSeen(async () => {
    const configs = new Map((await describeTopicConfigs(connection, topic)).map((config) => [config.name, config]))
    return changes.every((change) => holds(change, configs.get(change.name)))
  })
}

/** Brokers show a value as they read it: without the spaces around it. */
function holds({ value }: ConfigChange, config: Config | undefined): boolean {
  const isSet = config?.source === 'DYNAMIC_TOPIC_CONFIG'
  if (value === undefined) return !isSet
  return isSet && withoutSpaces(config.value ?? value) === withoutSpaces(value)
}

const withoutSpaces = (text: string) => text.replaceAll(/\s/g, '')
