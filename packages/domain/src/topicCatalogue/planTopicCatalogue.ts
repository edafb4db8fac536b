/** A topic as a listing of the cluster shows it. */
export interface ListedTopic {
  name: string
  partitionsCount: number
  replicationFactor: number
}

/** What the catalogue holds of a topic. */
export interface CatalogueEntry extends ListedTopic {
  reservedPartitions: number
  /** A request may be at it still, or brokers may not all know yet what one did: no listing is newer for certain. */
  settling: boolean
}

export type TopicCatalogueStep =
  | { do: 'awaitCluster' }
  | { do: 'correctCatalogue'; topics: readonly ListedTopic[]; gone: readonly string[] }
  | { do: 'forget' }
  | { do: 'settled' }

/** What the catalogue must be told. `listed` is undefined where nobody answers yet. */
export function planTopicCatalogue(
  cluster: { deleted: boolean; provisioned: boolean },
  entries: readonly CatalogueEntry[],
  listed: readonly ListedTopic[] | undefined,
): TopicCatalogueStep {
  if (cluster.deleted) return { do: 'forget' }
  if (!cluster.provisioned || listed === undefined) return { do: 'awaitCluster' }
  const known = new Map(entries.map((entry) => [entry.name, entry]))
  const topics = listed.filter((topic) => isNews(topic, known.get(topic.name)))
  const there = new Set(listed.map(({ name }) => name))
  const gone = entries.filter(({ name, settling }) => !settling && !there.has(name)).map(({ name }) => name)
  return topics.length > 0 || gone.length > 0 ? { do: 'correctCatalogue', topics, gone } : { do: 'settled' }
}

function isNews({ partitionsCount, replicationFactor }: ListedTopic, entry: CatalogueEntry | undefined): boolean {
  if (entry === undefined) return true
  if (entry.settling) return false
  return (
    entry.partitionsCount !== partitionsCount ||
    entry.replicationFactor !== replicationFactor ||
    entry.reservedPartitions > 0
  )
}
