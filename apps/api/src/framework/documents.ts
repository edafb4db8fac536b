import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { AppError } from '@tributary/domain/errors'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AnswersInOrder } from './answersInOrder.ts'
import { DocumentSplitter, type SplitDocument } from './documentSplitter.ts'
import { publicError, renderError } from './errorRendering.ts'
import type { DocumentHandler, Operation } from './operation.ts'
import { jsonContentType, parseDocument } from './requestBody.ts'
import { validated } from './validation.ts'

/**
 * Requests that are a stream of JSON documents, each answered by one of its own: what the documents are and what is
 * done with each is the operation's to say. The answer is a 200 as soon as there is a stream, and an error about one
 * document is that document's answer. A request that says its length and holds one document is no stream: its
 * status is the document's.
 */

/** What one request may have under way; as each document costs more than its text, many small ones count for more. */
const mostBytesUnderWay = 2 * 1024 * 1024
const overheadBytes = 1024
/** A client that sends nothing for this long is taken to be gone. */
const idleMs = 300_000
/** How long a client may take to read the last answer before its connection ends. */
const farewellMs = 1000

const answering = new Set<AnswersInOrder>()
const sockets = new WeakSet<Socket>()

/** Whether a connection carries a stream, which may take as long as it likes. */
export const carriesDocuments = (socket: Socket): boolean => sockets.has(socket)

/**
 * Leaves the bodies of all requests unread, for operations that read their documents one after another.
 * When the server closes, a stream ends with the answers to what has arrived.
 */
export function acceptDocuments(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(jsonContentType, async () => undefined)
  app.addHook('preClose', async () => {
    for (const answers of answering) answers.finish()
  })
}

export async function answerDocuments(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  handler: DocumentHandler,
): Promise<void> {
  const batches = documentsOf(request.raw)
  const first: SplitDocument[] = []
  if (request.headers['transfer-encoding'] === undefined) {
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      first.push(...next.value)
      if (first.length > 1) break
    }
    const [only] = first
    if (only === undefined) throw kafkaRestErrors.noRecord()
    if (first.length === 1) {
      reply.status(operation.reply.status).send(await handled(operation, only, handler))
      return
    }
  }
  const answers = new AnswersInOrder({ mostBytes: mostBytesUnderWay })
  const answer = async (document: SplitDocument) => {
    await answers.room()
    const text = handled(operation, document, handler).then(
      (value) => `${String(reply.serializeInput(value as never, String(operation.reply.status)))}\n`,
      (error: unknown) => `${JSON.stringify(rendered(error, operation, request))}\n`,
    )
    answers.add(document.sizeBytes + overheadBytes, text)
  }
  follow(request, answers)
  reply.status(operation.reply.status).type('application/json; charset=utf-8').send(answers)
  await forwardAll(first, batches, answers, answer, request.log)
}

async function forwardAll(
  first: SplitDocument[],
  batches: AsyncGenerator<SplitDocument[]>,
  answers: AnswersInOrder,
  answer: (document: SplitDocument) => Promise<void>,
  log: FastifyRequest['log'],
): Promise<void> {
  try {
    for (const document of first) await answer(document)
    for await (const documents of batches) {
      for (const document of documents) {
        if (answers.isFinished) return
        await answer(document)
      }
    }
    answers.finish()
  } catch (error) {
    // Most often the client is gone; in any case it can no longer be told.
    log.warn({ err: error }, 'a stream of documents broke off')
    answers.destroy()
  }
}

/** Throws what is wrong with the document. */
async function handled(operation: Operation, { content }: SplitDocument, handler: DocumentHandler): Promise<unknown> {
  if (content instanceof AppError) throw content
  const document = parseDocument(content)
  return handler(operation.document === undefined ? document : validated(operation.document, document, 'body'))
}

function rendered(thrown: unknown, { envelope }: Operation, request: FastifyRequest): object {
  const error = publicError(thrown)
  if (error.status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a document failed')
  return renderError(error, envelope, request.id).body
}

/** Keeps the connection of a stream open for as long as both sides want it, and no longer. */
function follow({ raw }: FastifyRequest, answers: AnswersInOrder): void {
  const { socket } = raw
  answering.add(answers)
  sockets.add(socket)
  raw.setTimeout(idleMs, () => raw.destroy())
  answers.once('close', () => {
    answering.delete(answers)
    sockets.delete(socket)
    // What a client still sends after its last answer, nobody reads.
    if (!raw.complete) setTimeout(() => raw.destroy(), farewellMs).unref()
  })
}

/** What the chunks of a request hold. Ends early where no more documents can be found in it. */
async function* documentsOf(request: IncomingMessage): AsyncGenerator<SplitDocument[]> {
  const splitter = new DocumentSplitter()
  // Destroying a request ends its connection: the answers are still to be written.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    yield splitter.push(chunk as Buffer)
    if (splitter.isBroken) return
  }
  yield splitter.end()
}
