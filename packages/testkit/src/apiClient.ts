/** Talks to the API as any HTTP client would. */
export class ApiClient {
  readonly #endpoint: string
  readonly #headers: Record<string, string>

  constructor(endpoint: string, headers: Record<string, string> = {}) {
    this.#endpoint = endpoint
    this.#headers = headers
  }

  static withKey(endpoint: string, { id, secret }: { id: string; secret: string }): ApiClient {
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
    const response = await fetch(path.startsWith('http') ? path : `${this.#endpoint}${path}`, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parse(text) }
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
