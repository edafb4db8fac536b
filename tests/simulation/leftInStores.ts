import type { TestDatabase } from '@tributary/testkit/database'
import type { ControlTables } from './controlTables.ts'
import type { EngineTables } from './engineTables.ts'

/** All that is left of some clusters, in one form for both stores; times in tens of seconds from now. */
export async function leftInPostgres(test: TestDatabase, clusters: readonly string[], requests: string) {
  const ids = [clusters]
  return {
    resources: await test.query(
      `SELECT kind, id, generation::int, observed_generation::int AS observed, conditions, failures, lease_holder AS holder,
                round(extract(epoch FROM next_check_at - now()) / 10)::int AS next,
                round(extract(epoch FROM lease_expires_at - now()) / 10)::int AS expires
         FROM resources WHERE id = ANY($1) ORDER BY kind, id`,
      ids,
    ),
    steps: await test.query(
      `SELECT kind, resource_id AS id, generation::int, name, status, attempts, error
         FROM steps WHERE resource_id = ANY($1) ORDER BY kind, resource_id, sequence`,
      ids,
    ),
    outbox: await test.query(
      `SELECT kind, resource_id AS id, count(*)::int AS count FROM outbox WHERE resource_id = ANY($1) GROUP BY 1, 2 ORDER BY 1, 2`,
      ids,
    ),
    audits: await test.query(
      `SELECT request_id AS "requestId", operation, resource_id AS "resourceId" FROM audit_events
         WHERE request_id LIKE $1 ORDER BY sequence`,
      [requests],
    ),
    topics: await test.query(
      `SELECT cluster_id AS "clusterId", name, partitions_count AS partitions, replication_factor AS replicas,
              reserved_partitions AS reserved, round(extract(epoch FROM changed_at - now()) / 10)::int AS changed
         FROM kafka_topics WHERE cluster_id = ANY($1) ORDER BY cluster_id, name`,
      ids,
    ),
    partitions: await test.query(
      `SELECT scope_id AS id, used FROM applied_service_quotas
         WHERE quota_id = 'kafka.max_partitions.per_cluster' AND scope_id = ANY($1) ORDER BY scope_id`,
      ids,
    ),
  }
}

export function leftInModel(engine: EngineTables, control: ControlTables) {
  const tens = (at: number | null) => (at === null ? null : Math.round((at - engine.now()) / 10_000) + 0)
  const steps = [...engine.steps].map(([name, rows]) => ({
    kind: name.split('/')[0] ?? '',
    id: name.split('/')[1] ?? '',
    rows,
  }))
  const rung = Map.groupBy(engine.outbox, ({ kind, id }) => `${kind}/${id}`)
  return {
    resources: byName([...engine.resources.values()]).map((row) => ({
      kind: row.kind,
      id: row.id,
      generation: Number(row.generation),
      observed: Number(row.observedGeneration),
      conditions: row.conditions,
      failures: row.failures,
      holder: row.leaseHolder,
      next: tens(row.nextCheckAt),
      expires: tens(row.leaseExpiresAt),
    })),
    steps: byName(steps).flatMap(({ kind, id, rows }) =>
      rows.map(({ generation, name, status, attempts, error }) => ({
        kind,
        id,
        generation: Number(generation),
        name,
        status,
        attempts,
        error,
      })),
    ),
    outbox: byName(
      [...rung.values()].map(([{ kind, id } = { kind: '', id: '' }, ...others]) => ({
        kind,
        id,
        count: 1 + others.length,
      })),
    ),
    audits: engine.audits,
    topics: [...control.topics.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { clusterId, name, partitions, replicationFactor, reserved, changedAt }]) => ({
        clusterId,
        name,
        partitions,
        replicas: replicationFactor,
        reserved,
        changed: tens(changedAt ?? null),
      })),
    partitions: [...control.clusters.keys()].toSorted().map((id) => ({ id, used: control.usedPartitions(id) })),
  }
}

const byName = <Row extends { kind: string; id: string }>(rows: Row[]) =>
  rows.toSorted((a, b) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1))
