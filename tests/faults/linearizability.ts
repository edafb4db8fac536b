import { testPort } from '@tributary/testkit/ports'
import { waitUntil } from '@tributary/kit/waitUntil'
import { ApiClient } from '@tributary/testkit/apiClient'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { emptyRedis } from '@tributary/testkit/redis'
import { Seeded } from '@tributary/testkit/seeded'
import { expect } from 'vitest'
import { AccountClients } from './accountClients.ts'
import { checkLinearizable } from './linearizable.ts'
import { accountIn } from './namedAccount.ts'

/** An installation with two API processes, and what can happen to it. */
export class TwoApis implements AsyncDisposable {
  readonly installation: TestInstallation
  readonly #secondPort: number

  private constructor(installation: TestInstallation, secondPort: number) {
    this.installation = installation
    this.#secondPort = secondPort
  }

  static async start(postgresUrl: string): Promise<TwoApis> {
    const installation = await TestInstallation.start(postgresUrl)
    const secondPort = await testPort()
    const both = new TwoApis(installation, secondPort)
    await both.#startSecond()
    return both
  }

  readonly faults: Readonly<Record<string, () => Promise<void>>> = {
    killBackends: async () => {
      await queryAsOwner(
        this.installation.databaseUrl,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )
    },
    killApi: async () => {
      await this.installation.endProgram('second', 'SIGKILL')
      await this.#startSecond()
    },
    emptyRedis: () => emptyRedis(this.installation.redisUrl),
  }

  /** Sixteen clients of one account, until each fault was there `rounds` times and they made that many calls. */
  async history(random: Seeded, { rounds, calls }: { rounds: number; calls: number }): Promise<AccountClients> {
    const { cloudKey } = await this.installation.createOrganization()
    const endpoints = [this.installation.endpoint, `http://127.0.0.1:${this.#secondPort}`]
    const clients = new AccountClients(
      `account-${random.seed}`,
      endpoints.map((endpoint) => ApiClient.withKey(endpoint, cloudKey)),
    )
    const running = Array.from({ length: 16 }, (_, index) => clients.run(new Seeded(random.seed + index)))
    const faults = Array.from({ length: rounds }, () => Object.values(this.faults)).flat()
    try {
      for (const [index, fault] of faults.entries()) {
        await made(clients, ((index + 1) * calls) / (faults.length + 1))
        await fault()
      }
      await made(clients, calls)
    } finally {
      clients.stop()
    }
    await Promise.all(running)
    return clients
  }

  #startSecond(): Promise<void> {
    return this.installation.startProgram('api', { TRIBUTARY_PORT: String(this.#secondPort) }, 'second')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.installation[Symbol.asyncDispose]()
  }
}

const made = (clients: AccountClients, calls: number) =>
  waitUntil(() => clients.calls.length >= calls, { timeoutMs: 60_000, everyMs: 5, what: `${calls} calls` })

/** Everything was answered that can be, nothing else, and there is an order that explains it. */
export function expectLinearizable({ calls, wrong }: AccountClients): void {
  expect(wrong).toEqual([])
  const outcomes = Map.groupBy(calls, ({ request, result }) => `${request.do} ${result?.status ?? 'unknown'}`)
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(everyOutcome))
  expect(checkLinearizable(calls, accountIn(calls))).toEqual({ linearizable: true })
}

const everyOutcome = [
  'create 201',
  'create 409',
  'find 200',
  'get 200',
  'get 404',
  'update 200',
  'update 404',
  'update 412',
  'delete 204',
]
