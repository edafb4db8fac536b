import type { ApiClient } from '@tributary/testkit/apiClient'
import type { Seeded } from '@tributary/testkit/seeded'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { AccountCall, Request, Result } from './namedAccount.ts'

/** What clients know of an account that was there once. */
interface Known {
  tag: string
  id: string
  version: number
}

const accounts = '/iam/v2/service-accounts'

/** Clients that read, change, delete and make the service account of one name, and write down what they were answered. */
export class AccountClients {
  readonly calls: AccountCall[] = []
  /** Answers that nobody should get. */
  readonly wrong: string[] = []
  readonly #name: string
  readonly #endpoints: readonly ApiClient[]
  #known: Known | undefined
  #written = 0
  #stopped = false

  constructor(name: string, endpoints: readonly ApiClient[]) {
    this.#name = name
    this.#endpoints = endpoints
  }

  /** Makes calls, one after another, until it is stopped. */
  async run(random: Seeded): Promise<void> {
    let own: Known | undefined
    while (!this.#stopped) {
      // Some clients go on with what they read long ago.
      if (random.chance(0.7)) own = this.#known
      await this.#make(this.#choose(random, own), own, random.pick(this.#endpoints))
    }
  }

  stop(): void {
    this.#stopped = true
  }

  #choose(random: Seeded, known: Known | undefined): Request {
    const serial = ++this.#written
    if (known === undefined) return random.chance(0.5) ? { do: 'create', tag: `t${serial}` } : { do: 'find' }
    const { tag, version } = known
    const ifMatch = random.chance(0.5) ? version : undefined
    const dice = random.next()
    if (dice < 0.3) return { do: 'get', tag }
    if (dice < 0.4) return { do: 'find' }
    if (dice < 0.9) return { do: 'update', tag, value: `${tag}/${serial}`, ifMatch }
    return dice < 0.96 ? { do: 'create', tag: `t${serial}` } : { do: 'delete', tag, ifMatch }
  }

  async #make(request: Request, known: Known | undefined, endpoint: ApiClient): Promise<void> {
    const calledAt = performance.now()
    let result: Result | undefined
    try {
      const { status, headers, body, text } = await this.#send(request, known?.id ?? '', endpoint)
      if (status >= 500) {
        if (status !== 503 || headers.get('retry-after') === null) this.wrong.push(`${status}: ${text}`)
        await this.#isBack(endpoint)
      } else {
        result = this.#resultOf(request, status, body, headers.get('etag'))
      }
    } catch (error) {
      // Nobody was there to take it.
      if (codeOf(error) === 'ECONNREFUSED') {
        await this.#isBack(endpoint)
        return
      }
    }
    // A read without an answer says nothing.
    if (result === undefined && (request.do === 'get' || request.do === 'find')) return
    this.calls.push({ request, result, calledAt, returnedAt: performance.now() })
  }

  async #isBack(endpoint: ApiClient): Promise<void> {
    const ready = async () => this.#stopped || (await endpoint.get('/readyz')).status === 200
    await waitUntil(ready, { timeoutMs: 30_000, everyMs: 20, what: 'the API to be ready again' })
  }

  #send(request: Request, id: string, endpoint: ApiClient) {
    const path = `${accounts}/${id}`
    switch (request.do) {
      case 'create':
        return endpoint.post(accounts, { display_name: this.#name, description: request.tag })
      case 'find':
        return endpoint.get(`${accounts}?display_name=${this.#name}`)
      case 'get':
        return endpoint.get(path)
      case 'update':
        return endpoint.request('PATCH', path, { body: { description: request.value }, headers: headersOf(request) })
      case 'delete':
        return endpoint.request('DELETE', path, { headers: headersOf(request) })
    }
  }

  // oxlint-disable-next-line no-explicit-any -- an answer of the API
  #resultOf(request: Request, status: number, body: any, etag: string | null): Result {
    if (status >= 300 || status === 204) return { status }
    const account = request.do === 'find' ? body.data[0] : body
    if (account === undefined) return { status }
    const value = account.description as string
    const tag = value.split('/')[0] ?? ''
    const version = etag === null ? undefined : Number(/^"(\d+)/.exec(etag)?.[1])
    const isOlder = this.#known?.tag === tag && this.#known.version >= (version ?? 1)
    if (!isOlder) this.#known = { tag, id: account.id, version: version ?? 1 }
    return { status, tag, value, version }
  }
}

const headersOf = ({ ifMatch }: { ifMatch: number | undefined }): Record<string, string> =>
  ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }

function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] }
  if (code !== undefined) return code
  return cause === undefined ? errors?.map((each) => codeOf(each))[0] : codeOf(cause)
}
