import { execFile, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@tributary/kit/waitUntil'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeOrchestrator, type ConformanceMachine } from '../conformance.ts'
import { AddressInUse } from '../contract.ts'
import { LocalOrchestrator } from './localOrchestrator.ts'

/** Stands for a JVM: its last three arguments are the data directory, the log directory and the greeting. */
const program = `#!/bin/sh
while [ $# -gt 3 ]; do shift; done
echo started >> "$1/starts"
cat "$3" >> "$2/member.log"
echo >> "$2/member.log"
[ "$(cat "$3")" = die ] && exit 1
[ -p "$1/never" ] || mkfifo "$1/never"
read -r _ < "$1/never"
`

class LocalMachine implements ConformanceMachine {
  readonly runtime = 'small'
  readonly process = { mainClass: 'Member', jvmOptions: [], arguments: ['{{data}}', '{{logs}}', '{{files}}/greeting'] }
  readonly directory: string
  #time = Date.now()

  private constructor(directory: string) {
    this.directory = directory
  }

  static async start() {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-orchestrator-'))
    await writeFile(path.join(directory, 'program'), program, { mode: 0o755 })
    return new LocalMachine(directory)
  }

  get options() {
    return {
      directory: path.join(this.directory, 'workloads'),
      runtimes: { small: { java: path.join(this.directory, 'program'), classPath: 'none', jvmOptions: [] } },
      listenHost: '127.0.0.1',
      publicHost: '127.0.0.1',
      portRange: { first: 14_000, last: 14_199 },
    }
  }

  open() {
    return new LocalOrchestrator({ ...this.options, clock: { now: () => this.now() } })
  }

  member(name: string, id: number) {
    return path.join(this.options.directory, name, 'members', String(id))
  }

  async starts(name: string, id: number) {
    const text = await readFile(path.join(this.member(name, id), 'data/starts'), 'utf8').catch(() => '')
    return text.split('\n').length - 1
  }

  async pids(name: string, id: number) {
    const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='])
    const lines = stdout.split('\n').filter((line) => line.includes(`-Dtributary.member=${this.member(name, id)} `))
    return lines.map((line) => Number.parseInt(line, 10))
  }

  async crash(name: string, id: number) {
    for (const pid of await this.pids(name, id)) process.kill(pid, 'SIGKILL')
  }

  now() {
    return new Date(this.#time)
  }

  advance(ms: number) {
    this.#time += ms
  }

  async [Symbol.asyncDispose]() {
    const orchestrator = this.open()
    for (const name of await orchestrator.list()) await orchestrator.remove(name, { keepVolumes: false })
    await rm(this.directory, { recursive: true, force: true })
  }
}

describeOrchestrator('local', () => LocalMachine.start())

let machine: LocalMachine
beforeAll(async () => {
  machine = await LocalMachine.start()
})
afterAll(() => machine[Symbol.asyncDispose]())

const reserveAndDescribe = async (name: string) => {
  const orchestrator = machine.open()
  await orchestrator.reserve(name, {
    members: [{ id: 1, zone: 'zone-1' }],
    ports: [{ name: 'outside', reach: 'clients' }],
  })
  const member = { id: 1, zone: 'zone-1', files: { greeting: 'hello' }, process: machine.process }
  return { orchestrator, manifest: { name, runtime: machine.runtime, members: [member] } }
}

describe('a control plane that is killed as it starts a member leaves one that the next finds', () => {
  it('starts no second process', async () => {
    const { orchestrator, manifest } = await reserveAndDescribe('killed')
    const script = `
      import childProcess from 'node:child_process'
      import { syncBuiltinESMExports } from 'node:module'
      const { spawn } = childProcess
      childProcess.spawn = (...args) => { spawn(...args); process.kill(process.pid, 'SIGKILL') }
      syncBuiltinESMExports()
      const { LocalOrchestrator } = await import(${JSON.stringify(path.join(import.meta.dirname, 'localOrchestrator.ts'))})
      const orchestrator = new LocalOrchestrator({ ...${JSON.stringify(machine.options)}, clock: { now: () => new Date() } })
      await orchestrator.apply(${JSON.stringify(manifest)}, 1)`
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
    const signal = await new Promise((resolve) => killed.once('exit', (_, by) => resolve(by)))
    expect(signal).toBe('SIGKILL')
    await Promise.all([orchestrator.apply(manifest, 1), machine.open().apply(manifest, 1)])
    await waitUntil(async () => (await machine.starts('killed', 1)) === 1, { timeoutMs: 5000, what: 'the member' })
    // Whoever came too late has a process for a moment, until it knows.
    const alone = async () => (await machine.pids('killed', 1)).length === 1
    await waitUntil(alone, { timeoutMs: 5000, what: 'the member to be alone' })
    expect(await machine.starts('killed', 1)).toBe(1)
    expect((await orchestrator.observe('killed'))?.members).toEqual([{ id: 1, state: 'running' }])
  })
})

describe('a member whose address something else has', () => {
  it('is not started before that is gone', async () => {
    const { orchestrator, manifest } = await reserveAndDescribe('beside')
    const address = (await orchestrator.endpoints('beside'))?.[1]?.['outside']?.listen
    const other = createServer().listen(address)
    await once(other, 'listening')
    await expect(orchestrator.apply(manifest, 1)).rejects.toBeInstanceOf(AddressInUse)
    expect(await machine.pids('beside', 1)).toHaveLength(0)
    other.close()
    await once(other, 'close')
    await orchestrator.apply(manifest, 1)
    expect((await orchestrator.observe('beside'))?.members).toEqual([{ id: 1, state: 'running' }])
  })
})

describe('a removal that was interrupted is seen and done again', () => {
  it('observes a directory that has lost its record', async () => {
    const { orchestrator, manifest } = await reserveAndDescribe('half-removed')
    await orchestrator.apply(manifest, 1)
    await rm(path.join(machine.options.directory, 'half-removed/workload.json'))
    expect(await orchestrator.observe('half-removed')).toEqual({ token: 0, members: [] })
    await orchestrator.remove('half-removed', { keepVolumes: false })
    expect(await orchestrator.observe('half-removed')).toBeUndefined()
    expect(await machine.pids('half-removed', 1)).toHaveLength(0)
  })
})

describe('a reused pid is never taken for a member', () => {
  it('neither counts nor ends a stranger that has the recorded pid', async () => {
    const { orchestrator } = await reserveAndDescribe('stranger')
    const stranger = spawn('sleep', ['60'])
    try {
      const pids = path.join(machine.member('stranger', 1), 'pids')
      await mkdir(pids, { recursive: true })
      await writeFile(path.join(pids, '1'), `${stranger.pid}\n`)
      await orchestrator.remove('stranger', { keepVolumes: false })
      expect(stranger.exitCode).toBeNull()
      expect(stranger.signalCode).toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})

describe('what members say on their console does not grow without bound', () => {
  it('begins a new file when the old one is long', async () => {
    const { orchestrator, manifest } = await reserveAndDescribe('talkative')
    const logs = path.join(machine.member('talkative', 1), 'logs')
    await mkdir(logs, { recursive: true })
    await writeFile(path.join(logs, 'console.log'), 'x'.repeat(1_000_001))
    await orchestrator.apply(manifest, 1)
    expect((await stat(path.join(logs, 'console.log'))).size).toBeLessThan(1000)
    expect((await readdir(logs)).toSorted()).toContain('console.log.1')
  })
})

describe('a workload stays in its directory', () => {
  it.each(['', '..', 'a/b', '../a', 'A', '-a', '.a'])('refuses the name %j', async (name) => {
    const request = { members: [{ id: 1, zone: 'zone-1' }], ports: [] }
    await expect(machine.open().reserve(name, request)).rejects.toThrow('not a workload name')
    await expect(access(path.join(machine.directory, 'a'))).rejects.toThrow('ENOENT')
  })
})
