import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createApiKey } from '@tributary/control/apiKeys/createApiKey'
import { caFile, openInstallation } from '@tributary/control/openInstallation'
import { createOrganization, type NewOrganization } from '@tributary/control/organizations/createOrganization'
import { createPrisma, Database } from '@tributary/database/database'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { forkProgram, type Program } from '@tributary/embedded/program'
import { startRedis, type EmbeddedRedis } from '@tributary/embedded/redis'
import { systemClock } from '@tributary/kit/clock'
import { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { ApiClient } from './apiClient.ts'
import { noteSecret } from './canaries.ts'
import { createTestDatabase } from './database.ts'
import { PortSlice } from './ports.ts'
import { searchSecrets } from './searchSecrets.ts'

export interface Organization extends NewOrganization {
  password: string
  email: string
  cloudKey: { id: string; secret: string }
  cloud: ApiClient
}

/** A whole installation of real processes in a directory and a database of its own. */
export class TestInstallation implements AsyncDisposable {
  readonly home: string
  readonly endpoint: string
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly environment: NodeJS.ProcessEnv
  readonly caFile: string
  /** The machine's own view of what runs, beside the worker's. */
  readonly orchestrator: LocalOrchestrator
  #redis: EmbeddedRedis
  #isRedisStopped = false
  readonly #cleanup: AsyncDisposableStack
  readonly #programs = new Map<string, ChildProcess>()

  private constructor(fields: {
    home: string
    port: number
    databaseUrl: string
    redis: EmbeddedRedis
    orchestrator: LocalOrchestrator
    environment: NodeJS.ProcessEnv
    cleanup: AsyncDisposableStack
  }) {
    this.home = fields.home
    this.endpoint = `http://127.0.0.1:${fields.port}`
    this.databaseUrl = fields.databaseUrl
    this.redisUrl = fields.redis.url
    this.#redis = fields.redis
    this.orchestrator = fields.orchestrator
    this.environment = fields.environment
    this.caFile = caFile(fields.home)
    this.#cleanup = fields.cleanup
  }

  /** Starts an api and a worker; `environment` adds settings to theirs. */
  static async start(
    postgresUrl: string,
    { environment = {}, worker = true }: { environment?: NodeJS.ProcessEnv; worker?: boolean } = {},
  ): Promise<TestInstallation> {
    await using cleanup = new AsyncDisposableStack()
    const home = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
    cleanup.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
    const database = cleanup.use(await createTestDatabase(postgresUrl))
    const ports = cleanup.use(await PortSlice.claim())
    const port = await ports.next()
    const redis = await startRedis(path.join(home, 'redis'), await ports.next(), process.env)
    const orchestrator = new LocalOrchestrator({
      directory: path.join(home, 'workloads'),
      runtimes: { kafka: await loadKafkaRuntime(process.env) },
      listenHost: '127.0.0.1',
      publicHost: '127.0.0.1',
      portRange: ports.brokers,
      clock: systemClock,
    })
    cleanup.defer(async () => {
      for (const name of await orchestrator.list()) await orchestrator.remove(name, { keepVolumes: false })
    })
    const installation = new TestInstallation({
      home,
      port,
      databaseUrl: database.url,
      redis,
      orchestrator,
      environment: {
        ...process.env,
        TRIBUTARY_HOME: home,
        TRIBUTARY_PORT: String(port),
        TRIBUTARY_BROKER_PORTS: `${ports.brokers.first}-${ports.brokers.last}`,
        TRIBUTARY_LEASE_TTL_MS: '1500',
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        ...environment,
      },
      cleanup: cleanup.move(),
    })
    try {
      await Promise.all([installation.startProgram('api'), worker ? installation.startProgram('worker') : undefined])
    } catch (error) {
      await installation[Symbol.asyncDispose]()
      throw error
    }
    return installation
  }

  /** Starts a program and returns when it is ready. `name` tells two of the same program apart, `execPath` is its Node. */
  async startProgram(
    program: Program,
    environment: NodeJS.ProcessEnv = {},
    name: string = program,
    execPath: string = process.execPath,
  ): Promise<void> {
    const log = await open(this.logFile(name), 'a')
    const child = forkProgram(program, {
      execPath,
      env: { ...this.environment, ...environment },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    await log.close()
    this.#programs.set(name, child)
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve())
      child.once(
        'exit',
        () =>
          void readFile(this.logFile(name), 'utf8').then((text) =>
            reject(new Error(`${name} ended: ${text.slice(-8000)}`)),
          ),
      )
    })
  }

  stopRedis(): Promise<void> {
    this.#isRedisStopped = true
    return this.#redis.stop()
  }

  /** Starts Redis again, where it was. */
  async startRedis(): Promise<void> {
    this.#redis = await startRedis(path.join(this.home, 'redis'), Number(new URL(this.redisUrl).port), process.env)
    this.#isRedisStopped = false
  }

  logFile(name: string): string {
    return path.join(this.home, `${name}.log`)
  }

  /** Returns when the program has ended. */
  async endProgram(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#programs.get(name)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  program(name: string): ChildProcess | undefined {
    return this.#programs.get(name)
  }

  /** An organization with an administrator and a Cloud API key. */
  async createOrganization(): Promise<Organization> {
    const installation = await openInstallation(this.home)
    const prisma = createPrisma({ url: this.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
    const database = new Database({ url: this.databaseUrl, role: 'tributary_api', maxConnections: 1 })
    try {
      const password = randomUUID()
      noteSecret('a password', password)
      const email = `${randomUUID()}@example.com`
      const created = await createOrganization(prisma, installation.keyring, {
        displayName: 'Test organization',
        administrator: { email, fullName: 'Test administrator', password },
      })
      const { key, secret } = await createApiKey(
        {
          organizationId: created.organizationId,
          principalId: created.administratorId,
          grants: [{ role: 'OrganizationAdmin', place: {} }],
          apiKey: undefined,
          operation: 'test',
          requestId: randomUUID(),
          scope: database.within(created.organizationId),
        },
        { ownerId: created.administratorId, resourceId: undefined, displayName: '', description: '' },
      )
      const cloudKey = { id: key.id, secret }
      return { ...created, password, email, cloudKey, cloud: ApiClient.withKey(this.endpoint, cloudKey) }
    } finally {
      await prisma.$disconnect()
      await database.close()
    }
  }

  /** Throws when a secret of the tests or of the installation is where none belongs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using cleanup = new AsyncDisposableStack()
    cleanup.use(this.#cleanup)
    cleanup.defer(() => this.#redis.stop())
    await Promise.all([...this.#programs.keys()].map((name) => this.endProgram(name, 'SIGTERM')))
    const redisUrl = this.#isRedisStopped ? undefined : this.redisUrl
    const found = await searchSecrets({ home: this.home, databaseUrl: this.databaseUrl, redisUrl })
    if (found.length > 0) throw new Error(`secrets got out: ${found.join('; ')}`)
  }
}
