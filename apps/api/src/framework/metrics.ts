import type { Database } from '@tributary/database/database'
import { readEngineSummary, type EngineSummary } from '@tributary/database/engineSummary'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** `/metrics` in Prometheus' text format, without credentials: counts and durations, and nothing that says whose. */
export function serveMetrics(app: FastifyInstance, database: Database): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  measureRequests(app, registry)
  const showEngine = engineGauges(registry)
  app.get('/metrics', { config: { operation: 'metrics' } }, async (request, reply) => {
    const summary = await readEngineSummary(database).catch((error: unknown) => {
      request.log.warn({ err: error }, 'metrics without the database')
      return undefined
    })
    showEngine(summary)
    reply.type(registry.contentType)
    return registry.metrics()
  })
}

function measureRequests(app: FastifyInstance, registry: Registry) {
  const durations = new Histogram({
    name: 'tributary_http_request_duration_seconds',
    help: 'Seconds from a request to the end of its answer',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const inFlight = new Gauge({
    name: 'tributary_http_requests_in_flight',
    help: 'Requests that are being answered',
    registers: [registry],
  })
  app.addHook('onRequest', async (_request, reply) => {
    inFlight.inc()
    // Not the response hook: a client that goes away in the middle ends its request as well.
    reply.raw.once('close', () => inFlight.dec())
  })
  app.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.operation ?? 'unknownPath'
    durations.observe({ operation, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}

function engineGauges(registry: Registry): (summary: readonly EngineSummary[] | undefined) => void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const reachable = gauge('tributary_database_up', '1 when the database answered this scrape')
  const byKind = {
    resources: gauge('tributary_resources', 'Resources that are reconciled', 'kind'),
    due: gauge('tributary_resources_due', 'Resources that wait for a worker', 'kind'),
    stalled: gauge('tributary_resources_stalled', 'Resources that do not go on by themselves', 'kind'),
  }
  const outbox = gauge('tributary_outbox_length', 'Committed changes that are not yet handed to a worker')
  return (summary) => {
    reachable.set(summary === undefined ? 0 : 1)
    for (const each of [...Object.values(byKind), outbox]) each.reset()
    for (const { measure, kind, count } of summary ?? []) {
      if (measure === 'outbox') outbox.set(Number(count))
      else byKind[measure].set({ kind }, Number(count))
    }
    if (summary === undefined) outbox.remove()
  }
}
