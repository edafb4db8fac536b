import type { Answered } from '@tributary/testkit/apiClient'
import { deviates } from './deviations.ts'
import { DocumentedOperations, type DocumentedResponse } from './documentedOperations.ts'
import type { Documents } from './documents.ts'

/** Served besides the documented operations. */
const undocumented = /^\/(livez|readyz|metrics|openapi\.json|docs)(\/|$)/

/** Holds answers against documents. */
export class AnswerContract {
  readonly #own: DocumentedOperations
  readonly #published: readonly DocumentedOperations[]

  constructor({ own, published }: Documents) {
    this.#own = new DocumentedOperations(own)
    this.#published = published.map((document) => new DocumentedOperations(document))
  }

  /** What an answer has that no document allows, or lacks that one demands. */
  problemsOf(answered: Answered): string[] {
    const path = pathOf(answered.url)
    if (undocumented.test(path)) return []
    const key = this.operationOf(answered)
    if (key === undefined) return this.#problemsOfRefusal(answered, path)
    const response = this.#own.response(key, answered.status)
    if (response === undefined) return [`${answered.status} is no status of ${key}`]
    return [
      ...problemsOf(answered, response),
      ...this.#published.flatMap((document) => ofPublished(document, key, answered)),
    ]
  }

  /** `GET /org/v2/environments/{}`; undefined for what is not served. */
  operationOf({ method, url }: Pick<Answered, 'method' | 'url'>): string | undefined {
    const path = pathOf(url)
    const methods = method === 'HEAD' ? ['GET'] : [method]
    // Clients that signed in under a prefix keep it.
    const paths = [path, path.replace(/^\/api(?=\/)/, ''), `/api${path}`]
    return paths.flatMap((each) => methods.flatMap((name) => this.#own.find(name, each) ?? []))[0]
  }

  /** Where nothing is served there is only refusing, in the envelope of that place. */
  #problemsOfRefusal(answered: Answered, path: string): string[] {
    if (answered.status < 400) return ['nothing is served there']
    const envelope = /^(\/api)?\/kafka\//.test(path) ? 'KafkaRestError' : 'CloudErrors'
    return problemsOf(answered, this.#own.component(envelope))
  }
}

const pathOf = (url: string) => new URL(url).pathname.replace(/^\/confluent\.cloud(?=\/|$)/, '')

/**
 * A public document names the statuses of success completely, and of refusals only some. It knows no conditional requests:
 * a 304 is for who sent an If-None-Match, and our own document says where.
 */
function ofPublished(document: DocumentedOperations, key: string, answered: Answered): string[] {
  if (!document.has(key)) return []
  const response = document.response(key, answered.status)
  if (response === undefined) {
    return answered.status < 400 && answered.status !== 304 ? [`${answered.status} is no public status of ${key}`] : []
  }
  return problemsOf(answered, response).filter((problem) => !deviates(key, problem))
}

function problemsOf({ method, status, headers, text }: Answered, response: DocumentedResponse): string[] {
  const type = headers.get('content-type')
  if (method === 'HEAD') return text === '' ? [] : ['HEAD carries a body']
  if (response.validate === undefined) return text === '' ? [] : [`${status} carries a body`]
  if (!/^application\/json(;|$)/.test(type ?? '')) return [`the content type is ${type}`]
  const { validate } = response
  return valuesIn(text).flatMap((value) => (value === undefined ? ['the body is no JSON'] : validate(value)))
}

/** One JSON document, or the lines of a stream of them. */
function valuesIn(text: string): unknown[] {
  const whole = valueOf(text)
  if (whole !== undefined || !text.trim().includes('\n')) return [whole]
  return text.trim().split('\n').map(valueOf)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
