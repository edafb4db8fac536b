import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiClient, type ApiAnswer } from '@tributary/testkit/apiClient'
import type { Organization } from '@tributary/testkit/installation'
import { flawOf, type Answered } from './judgement.ts'

/** What a client was promised by an answer that was a success. */
export interface Account {
  id: string
  name: string
  description: string
  deleted: boolean
}

export interface Key {
  id: string
  secret: string
  deleted: boolean
}

/** A service account's role on every topic of the cluster, and the key with which it shows. */
export interface Binding {
  id: string
  key: Key
  deleted: boolean
}

export interface LoadOptions {
  /** Of every api: each request goes to the next of them, and so does one that is sent again. */
  endpoints: readonly string[]
  organization: Organization
  /** Keys and role bindings are made for it, and deleted. */
  clusterId?: string
}

type Request = readonly [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object]

const pauseMs = 15
/** A client that was refused comes back sooner than it was told to, so that the end of an outage is seen. */
const againAfterMs = 100

/**
 * A steady load of clients who know nothing of what is done to the installation: they write, read and list, and send
 * a write that was not answered for good again, as it was. It keeps every answer, and what was promised.
 */
export class SteadyLoad {
  readonly answers: Answered[] = []
  readonly accounts: Account[] = []
  readonly keys: Key[] = []
  readonly bindings: Binding[] = []
  /** Names of accounts that were asked for once, without an Idempotency-Key, and what that was answered. */
  readonly attempts = new Map<string, number>()
  readonly #clients: readonly ApiClient[]
  readonly #organization: Organization
  readonly #run = randomUUID().slice(0, 8)
  #sent = 0
  #stopped = false
  #loops: Promise<unknown>

  constructor({ endpoints, organization, clusterId }: LoadOptions) {
    this.#organization = organization
    this.#clients = endpoints.map((endpoint) => ApiClient.withKey(endpoint, organization.cloudKey))
    const loops = [
      (n: number) => this.#keepAccount(`${this.#run} ${n} a`, n),
      (n: number) => this.#keepAccount(`${this.#run} ${n} b`, n),
      (n: number) => this.#tryOnce(`${this.#run} ${n} once`),
      () => this.#listEverything(),
      () => this.#look(),
      ...(clusterId === undefined
        ? []
        : [
            (n: number) => this.#keepKey(clusterId, n),
            (n: number) => this.#keepBinding(clusterId, `${this.#run} ${n} bound`, n),
          ]),
    ]
    this.#loops = Promise.all(loops.map((loop) => this.#repeat(loop)))
  }

  /** Returns when every client has ended what it began. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loops
  }

  async #repeat(work: (n: number) => Promise<void>) {
    for (let n = 0; !this.#stopped; n++) {
      await work(n)
      await delay(pauseMs)
    }
  }

  /** Makes an account, changes it, and deletes every third. */
  async #keepAccount(name: string, n: number) {
    const made = await this.#untilDone(['POST', '/iam/v2/service-accounts', { display_name: name }], [201], once())
    const account: Account = { id: made.body.id, name, description: '', deleted: false }
    this.accounts.push(account)
    const path = `/iam/v2/service-accounts/${account.id}`
    const description = `changed ${n}`
    await this.#untilDone(['PATCH', path, { description }], [200])
    account.description = description
    if (n % 3 !== 2) return
    // Sent again, it may have happened the first time.
    await this.#untilDone(['DELETE', path], [204, 404])
    account.deleted = true
  }

  async #keepKey(clusterId: string, n: number) {
    const key = await this.#makeKey(clusterId, this.#organization.administratorId)
    if (n % 3 !== 1) return
    await this.#untilDone(['DELETE', `/iam/v2/api-keys/${key.id}`], [204, 404])
    key.deleted = true
  }

  async #makeKey(clusterId: string, ownerId: string): Promise<Key> {
    const spec = { owner: { id: ownerId }, resource: { id: clusterId } }
    const { body } = await this.#untilDone(['POST', '/iam/v2/api-keys', { spec }], [202], once())
    const key: Key = { id: body.id, secret: body.spec.secret, deleted: false }
    this.keys.push(key)
    return key
  }

  /** Lets an account read every topic, and takes that from every second again. */
  async #keepBinding(clusterId: string, name: string, n: number) {
    const { body: account } = await this.#untilDone(
      ['POST', '/iam/v2/service-accounts', { display_name: name }],
      [201],
      once(),
    )
    this.accounts.push({ id: account.id, name, description: '', deleted: false })
    const key = await this.#makeKey(clusterId, account.id)
    const { organizationId, environmentId } = this.#organization
    const place = `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${clusterId}`
    const grant = {
      principal: `User:${account.id}`,
      role_name: 'DeveloperRead',
      crn_pattern: `${place}/kafka=${clusterId}/topic=*`,
    }
    const { body } = await this.#untilDone(['POST', '/iam/v2/role-bindings', grant], [201], once())
    const binding: Binding = { id: body.id, key, deleted: false }
    this.bindings.push(binding)
    if (n % 2 !== 1) return
    await this.#untilDone(['DELETE', `/iam/v2/role-bindings/${binding.id}`], [200, 204, 404])
    binding.deleted = true
  }

  async #tryOnce(name: string) {
    const { status } = await this.#send(['POST', '/iam/v2/service-accounts', { display_name: name }], [201])
    this.attempts.set(name, status)
  }

  async #listEverything() {
    let next: string | undefined = '/iam/v2/service-accounts?page_size=50'
    while (next !== undefined) {
      const page: ApiAnswer = await this.#send(['GET', next], [200])
      const link: string | undefined = page.body?.metadata?.next
      next = link === undefined ? undefined : link.slice(new URL(link).origin.length)
    }
  }

  async #look() {
    const account = this.accounts.at(-1)
    const path = account === undefined ? '/api/me' : `/iam/v2/service-accounts/${account.id}`
    await this.#send(['GET', path], account === undefined ? [200] : [200, 404])
  }

  async #untilDone(request: Request, expected: readonly number[], headers: Record<string, string> = {}) {
    for (;;) {
      const answer = await this.#send(request, expected, headers)
      if (expected.includes(answer.status)) return answer
      await delay(againAfterMs)
    }
  }

  async #send([method, path, body]: Request, expected: readonly number[], headers: Record<string, string> = {}) {
    const client = this.#clients[this.#sent++ % this.#clients.length]
    if (client === undefined) throw new Error('there is no endpoint')
    const sentAt = performance.now()
    const answer = await client
      .request(method, path, { headers, ...(body === undefined ? {} : { body }) })
      .catch((error: Error): ApiAnswer => notAnswered(error))
    const answeredAt = performance.now()
    const flaw = flawOf(answer, expected, answeredAt - sentAt)
    const request = `${method} ${path.replace(/\?.*/, '')}`
    this.answers.push({ request, sentAt, answeredAt, status: answer.status, ...(flaw && { flaw }) })
    return answer
  }
}

const once = () => ({ 'idempotency-key': randomUUID() })

const notAnswered = (error: Error): ApiAnswer => ({
  status: 0,
  headers: new Headers(),
  text: error.cause instanceof Error ? error.cause.message : error.message,
  body: undefined,
})
