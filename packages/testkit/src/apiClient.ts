import { noteSecret, secretsTold, withoutSecrets } from './canaries.ts'

/** Called with every answer that an ApiClient gets, before whoever asked; what it throws fails that request. */
type AnswerWatcher = (answered: Answered) => Promise<void> | void

export interface Answered extends Pick<ApiAnswer, 'status' | 'headers' | 'text'> {
  method: string
  url: string
}

const watchers = new Set<AnswerWatcher>()

/** Until what it returns is disposed of. */
export function watchAnswers(watcher: AnswerWatcher): Disposable {
  watchers.add(watcher)
  return { [Symbol.dispose]: () => void watchers.delete(watcher) }
}

/** For those who talk to the API by other means. */
export async function showToWatchers(answered: Answered): Promise<void> {
  for (const watcher of watchers) await watcher(answered)
}

/** Talks to the API as any HTTP client would. */
export class ApiClient {
  readonly #endpoint: string
  readonly #headers: Record<string, string>

  constructor(endpoint: string, headers: Record<string, string> = {}) {
    this.#endpoint = endpoint
    this.#headers = headers
  }

  static withKey(endpoint: string, { id, secret }: { id: string; secret: string }): ApiClient {
    noteSecret('the secret of an API key', secret)
    return new ApiClient(endpoint, { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })
  }

  static withToken(endpoint: string, token: string): ApiClient {
    return new ApiClient(endpoint, { authorization: `Bearer ${token}` })
  }

  async request(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<ApiAnswer> {
    const url = path.startsWith('http') ? path : `${this.#endpoint}${path}`
    const response = await fetch(url, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status, headers: answeredHeaders } = response
    await showToWatchers({ method, url, status, headers: answeredHeaders, text })
    const answer = { status, headers: answeredHeaders, text, body: parse(text) }
    withoutSecrets(body)
    const told = secretsTold(answer)
    if (told.length > 0) throw new Error(`the answer to ${method} ${path} tells ${told.join(', ')}`)
    return answer
  }

  get(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.request('GET', path, headers === undefined ? {} : { headers })
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.request('POST', path, { body, ...(headers === undefined ? {} : { headers }) })
  }

  patch(path: string, body: unknown): Promise<ApiAnswer> {
    return this.request('PATCH', path, { body })
  }

  delete(path: string): Promise<ApiAnswer> {
    return this.request('DELETE', path)
  }
}

export interface ApiAnswer {
  status: number
  headers: Headers
  text: string
  // oxlint-disable-next-line no-explicit-any -- a test looks into answers that it does not declare
  body: any
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
