/**
 * What the API's cost is compared with: the query of a GET behind a bare Fastify, and the rows of a create in one
 * transaction of plain SQL. A process of its own; it is told what to do as messages, and says when it is done.
 */
import { randomUUID } from 'node:crypto'
import { kafkaClusterColumns } from '@tributary/control/kafkaClusters/kafkaCluster'
import fastify from 'fastify'
import { Pool } from 'pg'

export interface CreateMany {
  count: number
  concurrency: number
  organizationId: string
  environmentId: string
}

const { DATABASE_URL: url, ORGANIZATION: organizationId = '' } = process.env
const pool = new Pool({
  connectionString: url,
  max: 20,
  options: `-c role=tributary_api -c tributary.organization=${organizationId}`,
})
const query = `SELECT ${kafkaClusterColumns.text} FROM kafka_clusters WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`

const app = fastify()
const read = async (id: string) =>
  (await pool.query({ name: 'get', text: query, values: [organizationId, id] })).rows[0]
app.get<{ Params: { id: string } }>('/clusters/:id', ({ params }) => read(params.id))
/** The API's other query too: whose key it is. */
app.get<{ Params: { id: string; key: string } }>('/clusters/:id/as/:key', async ({ params }) => {
  await pool.query({ name: 'key', text: 'SELECT * FROM find_api_key($1)', values: [params.key] })
  return read(params.id)
})
await app.listen({ host: '127.0.0.1', port: 0 })

const kinds = ['kafka-cluster', 'kafka-access', 'kafka-configuration', 'kafka-topics']

async function create({ organizationId: organization, environmentId }: CreateMany) {
  const client = await pool.connect()
  const run = (name: string, text: string, values: unknown[] = []) => client.query({ name, text, values })
  const id = `lkc-${randomUUID()}`
  try {
    await client.query('BEGIN')
    await run(
      'cluster',
      `INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type)
       VALUES ($1, $2, $3, $4, 'SINGLE_ZONE', 'AWS', 'us-east-2', 'Basic') RETURNING ${kafkaClusterColumns.text}`,
      [id, organization, environmentId, id],
    )
    await run('publication', 'INSERT INTO access_publications (cluster_id, organization_id) VALUES ($1, $2)', [
      id,
      organization,
    ])
    for (const kind of kinds) {
      await run('resource', 'INSERT INTO resources (kind, id, organization_id) VALUES ($1, $2, $3)', [
        kind,
        id,
        organization,
      ])
      await run('outbox', 'INSERT INTO outbox (kind, resource_id) VALUES ($1, $2)', [kind, id])
    }
    await run(
      'audit',
      'INSERT INTO audit_events (organization_id, request_id, principal, operation, resource_id) VALUES ($1, $2, $3, $4, $5)',
      [organization, randomUUID(), 'u-bench', 'createCmkV2Cluster', id],
    )
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

process.on('message', (work: CreateMany) => {
  let left = work.count
  const createNext = async () => {
    while (left-- > 0) await create(work)
  }
  void Promise.all(Array.from({ length: work.concurrency }, createNext)).then(() => process.send?.('done'))
})
process.once('disconnect', () => process.exit())
const address = app.server.address()
process.send?.(typeof address === 'object' ? address?.port : undefined)
