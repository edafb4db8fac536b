import { request, type ClientRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { waitUntil } from '@tributary/kit/waitUntil'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { acceptDocuments, answerDocuments } from './documents.ts'
import type { DocumentHandler, Operation } from './operation.ts'
import { answerUnreadable } from './unreadableRequests.ts'

const requestTimeoutMs = 200

interface OpenRequest {
  sent: ClientRequest
  answers: string[]
  isEnded: boolean
}

/** A server whose ordinary requests must be there whole after 200 ms. */
class StreamServer implements AsyncDisposable {
  readonly #app: FastifyInstance

  private constructor(app: FastifyInstance) {
    this.#app = app
  }

  static async start(handler: DocumentHandler): Promise<StreamServer> {
    const app = Fastify({
      requestTimeout: requestTimeoutMs,
      http: { connectionsCheckingInterval: 20 },
      forceCloseConnections: 'idle',
      clientErrorHandler: answerUnreadable,
    })
    // Node takes the longer of the two for a whole request.
    app.server.headersTimeout = requestTimeoutMs
    acceptDocuments(app)
    const operation = { reply: { status: 200 }, envelope: 'kafkaRest' } as Operation
    app.post(
      '/',
      { schema: { response: { 200: { type: 'object', additionalProperties: true } } } },
      async (request, reply) => {
        await answerDocuments(operation, request, reply, handler)
        return reply
      },
    )
    await app.listen({ port: 0, host: '127.0.0.1' })
    return new StreamServer(app)
  }

  open(headers: Record<string, string> = { 'transfer-encoding': 'chunked' }): OpenRequest {
    const { port } = this.#app.server.address() as AddressInfo
    const options = {
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    }
    const opened: OpenRequest = { sent: request(options), answers: [], isEnded: false }
    opened.sent.on('error', () => undefined)
    opened.sent.on('response', (response) => {
      response.on('data', (bytes: Buffer) => opened.answers.push(...bytes.toString().trim().split('\n')))
      response.on('end', () => (opened.isEnded = true))
    })
    return opened
  }

  close(): Promise<void> {
    return this.#app.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close()
  }
}

let cleanup = new AsyncDisposableStack()
afterEach(async () => {
  await cleanup.disposeAsync()
  cleanup = new AsyncDisposableStack()
})
const soon = (probe: () => boolean, what: string) => waitUntil(probe, { timeoutMs: 10_000, everyMs: 5, what })

describe('a stream of documents', () => {
  it('stays open for longer than an ordinary request may take', async () => {
    const server = cleanup.use(await StreamServer.start(async (document) => document))
    const stream = server.open()
    const ordinary = server.open({ 'content-length': '100' })
    ordinary.sent.flushHeaders()
    stream.sent.write('{"a":1}')
    await soon(() => stream.answers.length === 1, 'the first answer')
    await soon(() => ordinary.isEnded, 'the other request to be refused')
    expect(ordinary.answers).toEqual([expect.stringContaining('request_timeout')])
    stream.sent.end('{"a":2}')
    await soon(() => stream.isEnded, 'the stream to end')
    expect(stream.answers).toEqual(['{"a":1}', '{"a":2}'])
  })

  it('is answered in its order, however long each document takes', async () => {
    const waiting: (() => void)[] = []
    const server = cleanup.use(
      await StreamServer.start((document) => new Promise((resolve) => waiting.push(() => resolve(document)))),
    )
    const stream = server.open()
    stream.sent.write('{"a":1}{"a":2}{"a":3}')
    await soon(() => waiting.length === 3, 'three documents')
    waiting[2]?.()
    waiting[0]?.()
    await soon(() => stream.answers.length === 1, 'the first answer')
    waiting[1]?.()
    await soon(() => stream.answers.length === 3, 'all answers')
    expect(stream.answers).toEqual(['{"a":1}', '{"a":2}', '{"a":3}'])
    stream.sent.end()
    await soon(() => stream.isEnded, 'the stream to end')
  })

  it('is read no faster than its documents are done', async () => {
    const waiting: (() => void)[] = []
    const server = cleanup.use(
      await StreamServer.start((document) => new Promise((resolve) => waiting.push(() => resolve(document)))),
    )
    const stream = server.open()
    const document = JSON.stringify({ a: 'x'.repeat(100_000) })
    const count = 400
    const sent = new Promise<void>((resolve) => stream.sent.end(document.repeat(count), () => resolve()))
    await soon(() => waiting.length >= 20, 'the window to be full')
    // 2 MiB and no more, though 40 MB were sent.
    expect(waiting.length).toBeLessThan(30)
    let done = 0
    while (done < count) {
      await soon(() => waiting.length > done, 'more documents')
      while (done < waiting.length) waiting[done++]?.()
    }
    await sent
    await soon(() => stream.isEnded, 'the stream to end')
  })

  it('ends with the answers to what has arrived when the server closes', async () => {
    const waiting: (() => void)[] = []
    const server = cleanup.use(
      await StreamServer.start((document) => new Promise((resolve) => waiting.push(() => resolve(document)))),
    )
    const stream = server.open()
    stream.sent.write('{"a":1}')
    await soon(() => waiting.length === 1, 'the document')
    const closed = server.close()
    waiting[0]?.()
    await closed
    await soon(() => stream.isEnded, 'the stream to end')
    expect(stream.answers).toEqual(['{"a":1}'])
  })
})
