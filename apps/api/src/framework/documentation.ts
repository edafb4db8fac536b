import Fastify, { type FastifyInstance } from 'fastify'
import type { Operation } from './operation.ts'

/**
 * `/openapi.json` and a page to read it at `/docs`. Neither costs anything before somebody asks: the
 * document is made then, and the page is a server of its own, which gets the requests handed on.
 */
export function serveDocumentation(app: FastifyInstance, operations: readonly Operation[], publicUrl: string): void {
  const document = once(async () => {
    const { openApiDocument } = await import('./openApi.ts')
    return openApiDocument(operations, publicUrl)
  })
  const text = once(async () => JSON.stringify(await document()))
  const page = once(async () => createPage(await document()))
  app.get('/openapi.json', { config: { operation: 'openapi' } }, async (_request, reply) => {
    reply.type('application/json; charset=utf-8').serializer((json: string) => json)
    return text()
  })
  for (const url of ['/docs', '/docs/*']) {
    app.get(url, { config: { operation: 'docs' } }, async (request, reply) => {
      const served = await page()
      reply.hijack()
      served.routing(request.raw, reply.raw)
    })
  }
  app.addHook('onClose', async () => page.made()?.then((made) => made.close()))
}

async function createPage(document: object): Promise<FastifyInstance> {
  const [swagger, swaggerUi] = await Promise.all([import('@fastify/swagger'), import('@fastify/swagger-ui')])
  const app = Fastify({ logger: false })
  await app.register(swagger.default, { mode: 'static', specification: { document: document as never } })
  await app.register(swaggerUi.default, { routePrefix: '/docs', uiConfig: { deepLinking: true, validatorUrl: null } })
  await app.ready()
  return app
}

/** Makes a value at its first use; a failure is not kept. */
function once<Value>(make: () => Promise<Value>): { (): Promise<Value>; made: () => Promise<Value> | undefined } {
  let made: Promise<Value> | undefined
  const get = () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
  return Object.assign(get, { made: () => made })
}
