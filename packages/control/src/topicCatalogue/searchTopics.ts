import type { Page } from '@tributary/contract/cloud/paging'
import type { EnvironmentId, KafkaClusterId, OrganizationId } from '@tributary/domain/ids'
import type { Visibility, VisiblePart } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { Listed } from '../listing.ts'

export interface TopicFilter {
  /** Part of the name; undefined for all. */
  search: string | undefined
  clusterId: KafkaClusterId | undefined
  environmentId: EnvironmentId | undefined
  visible: Visibility
}

export interface FoundTopic {
  /** Of its cluster, and its name: where a page ends. */
  id: string
  organization_id: OrganizationId
  environment_id: EnvironmentId
  cluster_id: KafkaClusterId
  name: string
  partitions_count: number
  replication_factor: number
}

/**
 * The topics of the organization's clusters that are known, by cluster and name. Clusters are gone through one after
 * the other, those that do not matter left out, until the page is full.
 */
export async function searchTopics(
  { organizationId, scope }: Caller,
  { size, afterId }: Page,
  { search, clusterId, environmentId, visible }: TopicFilter,
): Promise<Listed<FoundTopic>> {
  const [afterCluster = '', afterName = ''] = afterId.split('/')
  const shown = visible === 'all' ? { cluster: empty, topic: empty } : visibleIn(visible)
  const found = await scope.query<FoundTopic>(sql`
    SELECT cluster.id || '/' || name AS id, organization_id, environment_id, cluster.id AS cluster_id, topic.*
    FROM (
      SELECT id, organization_id, environment_id FROM kafka_clusters
      WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL AND id >= ${afterCluster}
        ${clusterId === undefined ? empty : sql`AND id = ${clusterId}`}
        ${environmentId === undefined ? empty : sql`AND environment_id = ${environmentId}`}
        ${shown.cluster}
      ORDER BY id) AS cluster
    CROSS JOIN LATERAL (
      SELECT name, partitions_count, replication_factor FROM kafka_topics
      WHERE organization_id = ${organizationId}::uuid AND cluster_id = cluster.id AND partitions_count > 0
        AND (cluster_id, name) > (${afterCluster}, ${afterName})
        ${search === undefined ? empty : sql`AND strpos(lower(name), ${search.toLowerCase()}) > 0`}
        ${shown.topic}
      ORDER BY name LIMIT ${size + 1}) AS topic
    ORDER BY cluster.id, name LIMIT ${size + 1}`)
  return { rows: found.slice(0, size), more: found.length > size }
}

/** All topics of the places where one may describe every one; elsewhere those that one's patterns cover. */
function visibleIn({ environments, clusters, resources }: VisiblePart) {
  const patterns = resources.flatMap(({ clusterId, resource }) =>
    clusterId !== undefined && resource?.type === 'topic' ? [{ ...resource, clusterId }] : [],
  )
  const covering = patterns.map((pattern) => pattern.clusterId)
  return {
    cluster: sql`AND (environment_id = ANY(${environments}::text[]) OR id = ANY(${[...clusters, ...covering]}::text[]))`,
    topic: sql`AND (environment_id = ANY(${environments}::text[]) OR cluster_id = ANY(${clusters}::text[]) OR EXISTS (
      SELECT 1 FROM unnest(${covering}::text[], ${patterns.map((pattern) => pattern.name)}::text[],
                           ${patterns.map((pattern) => pattern.prefixed)}::boolean[]) AS pattern (cluster_id, name, prefixed)
      WHERE pattern.cluster_id = cluster.id AND (kafka_topics.name = pattern.name
        OR pattern.prefixed AND starts_with(kafka_topics.name, pattern.name))))`,
  }
}
