import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { commandLine } from '@tributary/kit/processes'
import { waitUntil } from '@tributary/kit/waitUntil'
import { PortSlice } from '@tributary/testkit/ports'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let home: string
let ports: PortSlice
let port: number
let running: Running | undefined

beforeAll(async () => {
  // A blank in the path is what a user's home may have too.
  home = path.join(await mkdtemp(path.join(os.tmpdir(), 'tributary-up-')), 'a home')
  ports = await PortSlice.claim()
  port = await ports.next()
})
afterAll(async () => {
  await running?.stop('SIGTERM')
  await rm(path.dirname(home), { recursive: true, force: true })
  ports[Symbol.dispose]()
})

describe('one command runs an installation that heals itself, stops cleanly and comes back', () => {
  it('first start: makes a cluster that a stranger can use, and mends a killed API', async () => {
    running = start()
    const block = await running.says('Ctrl-C stops everything')
    const credentials = JSON.parse(await readFile(path.join(home, 'credentials.json'), 'utf8'))
    expect(Object.keys(credentials)).toEqual([
      'endpoint',
      'organization_id',
      'environment_id',
      'email',
      'password',
      'cloud_api_key',
      'cloud_api_secret',
      'ca_file',
      'cluster',
    ])
    expect(Object.keys(credentials.cluster)).toEqual(['id', 'bootstrap', 'rest_endpoint', 'api_key', 'api_secret'])
    expect((await stat(path.join(home, 'credentials.json'))).mode & 0o777).toBe(0o600)
    expect(block).toContain(`endpoint     ${credentials.endpoint}`)
    expect(block).toContain(`bootstrap    ${credentials.cluster.bootstrap}`)
    expect(block).not.toContain(credentials.cloud_api_secret)
    expect(await hello()).toMatch(/^hello from /)

    const processes = await descendantsOf(running.process.pid ?? 0)
    const api = processes.find(({ command }) => command.includes('apps/api/src/main.ts'))
    process.kill(api?.pid ?? Number.NaN, 'SIGKILL')
    await running.says('the api ended (SIGKILL)')
    await waitUntil(async () => (await listEnvironments(credentials)).status === 200, {
      timeoutMs: 40_000,
      what: 'the API to answer again',
    })
  })

  it('refuses a second one in the same home, in one sentence', async () => {
    const second = start()
    expect(await second.exit).toBe(1)
    expect(second.output()).toMatch(/^Tributary already runs in .*\n$/)
  })

  it('Ctrl-C, even twice, ends everything: brokers, Postgres and Redis too', async () => {
    const processes = await descendantsOf(running?.process.pid ?? 0)
    for (const program of ['apps/api', 'apps/worker', 'postgres', 'redis-server', 'BrokerMain']) {
      expect(processes.some(({ command }) => command.includes(program))).toBe(true)
    }
    running?.process.kill('SIGINT')
    running?.process.kill('SIGINT')
    expect(await running?.exit).toBe(0)
    // One that has ended and was not yet buried has no command line any more.
    const left = await Promise.all(processes.map(({ pid }) => commandLine(pid)))
    expect(left.filter((command) => command !== '')).toEqual([])
    expect(await processesIn(home)).toEqual([])
  })

  it('second start: the cluster is back with its data; a deleted one is said and not waited for', async () => {
    running = start()
    await running.says('Ctrl-C stops everything')
    expect(await hello()).toMatch(/^hello from /)
    const credentials = JSON.parse(await readFile(path.join(home, 'credentials.json'), 'utf8'))
    const { cluster, endpoint, environment_id } = credentials
    const deleted = await fetch(`${endpoint}/cmk/v2/clusters/${cluster.id}?environment=${environment_id}`, {
      method: 'DELETE',
      headers: { authorization: basic(credentials) },
    })
    expect(deleted.status).toBe(204)
    await running.stop('SIGTERM')

    running = start()
    const block = await running.says('Ctrl-C stops everything')
    expect(block).toContain(`your first cluster ${cluster.id} was deleted`)
    expect(JSON.parse(await readFile(path.join(home, 'credentials.json'), 'utf8')).cluster).toBeNull()
    await running.stop('SIGTERM')
    expect(await processesIn(home)).toEqual([])
  })
})

interface Running {
  process: ChildProcess
  exit: Promise<number | null>
  output(): string
  /** Waits until it has printed the words; returns all that it printed so far. */
  says(words: string): Promise<string>
  stop(signal: NodeJS.Signals): Promise<void>
}

function start(): Running {
  const child = spawn(process.execPath, [path.join(projectDirectory, 'apps/tributary/src/main.ts'), 'up'], {
    env: {
      ...process.env,
      TRIBUTARY_HOME: home,
      TRIBUTARY_PORT: String(port),
      TRIBUTARY_BROKER_PORTS: `${ports.brokers.first}-${ports.brokers.last}`,
      DATABASE_URL: '',
      REDIS_URL: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    process: child,
    exit,
    output: () => output,
    says: (words) =>
      waitUntil(() => (output.includes(words) ? output : undefined), {
        timeoutMs: 45_000,
        what: `“${words}” after: ${output}`,
      }),
    async stop(signal) {
      child.kill(signal)
      await exit
    },
  }
}

/** Runs the command that the block names. */
async function hello(): Promise<string> {
  const child = spawn('/bin/sh', [path.join(home, 'hello.sh')], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()))
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
  return printed
}

interface Process {
  pid: number
  command: string
}

/** The processes that a process started, and theirs. */
async function descendantsOf(parent: number): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,ppid=,command='])
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
  const children = rows
    .filter(([, , ppid]) => Number(ppid) === parent)
    .map(([, pid, , command = '']) => ({ pid: Number(pid), command }))
  return [...children, ...(await Promise.all(children.map(({ pid }) => descendantsOf(pid)))).flat()]
}

const listEnvironments = (credentials: { endpoint: string; cloud_api_key: string; cloud_api_secret: string }) =>
  fetch(`${credentials.endpoint}/org/v2/environments`, { headers: { authorization: basic(credentials) } })

const basic = ({ cloud_api_key, cloud_api_secret }: { cloud_api_key: string; cloud_api_secret: string }) =>
  `Basic ${Buffer.from(`${cloud_api_key}:${cloud_api_secret}`).toString('base64')}`
