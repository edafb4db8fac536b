import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '@tributary/kit/clock'
import { waitUntil } from '@tributary/kit/waitUntil'
import {
  AddressInUse,
  StaleToken,
  type AddressRequest,
  type Endpoint,
  type Endpoints,
  type MemberManifest,
  type MemberObservation,
  type Orchestrator,
  type PortRequest,
  type WorkloadManifest,
  type WorkloadObservation,
} from '../contract.ts'
import { freePort, isFree, type PortRange } from './ports.ts'
import { end, ignoreMissing, launch, livePids } from './processes.ts'
import { watchWorkloads } from './watchWorkloads.ts'

/** Software that this machine can run for a workload. */
export interface LocalRuntime {
  java: string
  classPath: string
  jvmOptions: readonly string[]
}

export interface LocalOrchestratorOptions {
  /** Where workloads live: one directory each. */
  directory: string
  runtimes: Readonly<Record<string, LocalRuntime>>
  listenHost: string
  publicHost: string
  portRange: PortRange
  clock: Clock
}

/** What the driver keeps about a workload, in `workload.json`. */
interface WorkloadRecord {
  token: number
  runtime?: string
  endpoints: Endpoints
  processes: Record<number, MemberManifest['process']>
}

interface LaunchRecord {
  at: string
  quickExits: number
}

const watchEveryMs = 500
const stopGraceMs = 15_000
/** A process with many threads that was killed is gone a moment before its sockets are. */
const addressLetGo = { timeoutMs: 1000, everyMs: 20, what: 'the address of a member to be free' }
/** A member that ran this long counts as healthy: its next start is not delayed. */
const healthyAfterMs = 60_000
const backOffMs = (quickExits: number) => (quickExits === 0 ? 0 : Math.min(60_000, 500 * 2 ** (quickExits - 1)))

/** Runs workloads as processes of this machine that outlive the control plane and are adopted by the next. */
export class LocalOrchestrator implements Orchestrator {
  readonly #options: LocalOrchestratorOptions
  /** Reservations look at all workloads' ports: one at a time. */
  #reserving: Promise<unknown> = Promise.resolve()

  constructor(options: LocalOrchestratorOptions) {
    this.#options = options
  }

  reserve(name: string, request: AddressRequest): Promise<Endpoints> {
    const reserved = this.#reserving.then(() => this.#reserve(name, request))
    this.#reserving = reserved.catch(() => undefined)
    return reserved
  }

  async #reserve(name: string, { members, ports }: AddressRequest): Promise<Endpoints> {
    const record = (await this.#read(name)) ?? { token: 0, endpoints: {}, processes: {} }
    const taken = await this.#takenPorts()
    const chosen: number[] = []
    const endpoints: Record<number, Record<string, Endpoint>> = {}
    for (const { id } of members) {
      const known = record.endpoints[id] ?? {}
      endpoints[id] = { ...known }
      for (const port of ports) {
        const endpoint = known[port.name] ?? (await this.#endpoint(port, taken))
        if (known[port.name] === undefined) chosen.push(endpoint.listen.port)
        taken.add(endpoint.listen.port)
        endpoints[id] = { ...endpoints[id], [port.name]: endpoint }
      }
    }
    await this.#write(name, { ...record, endpoints: { ...record.endpoints, ...endpoints } })
    // Another process may have chosen at the same time. Whoever wrote last sees it, and chooses again; so may the other.
    const theirs = await this.#takenPorts((other) => other !== name)
    if (!chosen.some((port) => theirs.has(port))) return endpoints
    await this.#write(name, record)
    return this.#reserve(name, { members, ports })
  }

  async #endpoint(port: PortRequest, taken: ReadonlySet<number>): Promise<Endpoint> {
    const { listenHost, publicHost, portRange } = this.#options
    const host = port.reach === 'clients' ? listenHost : '127.0.0.1'
    const number = await freePort(host, portRange, taken)
    return {
      listen: { host, port: number },
      advertised: { host: port.reach === 'clients' ? publicHost : host, port: number },
    }
  }

  async #takenPorts(of: (name: string) => boolean = () => true): Promise<Set<number>> {
    const records = await Promise.all((await this.list()).filter(of).map((name) => this.#read(name)))
    return new Set(records.flatMap((record) => listenedPorts(record?.endpoints ?? {})))
  }

  async apply(manifest: WorkloadManifest, token: number): Promise<void> {
    const record = await this.#read(manifest.name)
    if (record === undefined) throw new Error(`${manifest.name} has no addresses: reserve them first`)
    if (token < record.token) throw new StaleToken(manifest.name, token, record.token)
    await this.#write(manifest.name, {
      ...record,
      token,
      runtime: manifest.runtime,
      processes: Object.fromEntries(manifest.members.map(({ id, process }) => [id, process])),
    })
    await Promise.all(
      manifest.members.map(async (member) => {
        await this.#writeFiles(manifest.name, member)
        await this.#startUnlessRunning(manifest.name, member.id)
      }),
    )
  }

  async #writeFiles(name: string, member: MemberManifest) {
    const { files, data, logs } = this.#places(name, member.id)
    for (const directory of [files, data, logs]) await mkdir(directory, { recursive: true, mode: 0o700 })
    for (const [file, text] of Object.entries(member.files)) {
      await writeAtomically(path.join(files, file), this.#fillIn(name, member.id, text))
    }
  }

  async #startUnlessRunning(name: string, memberId: number) {
    const { state, startableAt } = await this.#observeMember(name, memberId)
    if (state === 'running' || (startableAt !== undefined && startableAt > this.#options.clock.now())) return
    await this.#start(name, memberId)
  }

  async #start(name: string, memberId: number) {
    const record = await this.#read(name)
    const process = record?.processes[memberId]
    const runtime = this.#options.runtimes[record?.runtime ?? '']
    if (process === undefined || runtime === undefined) throw new Error(`${name}/${memberId} was never applied`)
    // A broker that cannot listen where its cluster expects it would stay, and wait for itself.
    for (const { listen } of Object.values(record?.endpoints[memberId] ?? {})) {
      await waitUntil(() => isFree(listen.host, listen.port), addressLetGo).catch((error: unknown) => {
        throw new AddressInUse(name, memberId, listen, { cause: error })
      })
    }
    const { directory, logs } = this.#places(name, memberId)
    const marker = this.#marker(name, memberId)
    await this.#recordLaunch(name, memberId)
    await launch({
      directory,
      command: runtime.java,
      arguments: [
        ...runtime.jvmOptions,
        ...process.jvmOptions.map((option) => this.#fillIn(name, memberId, option)),
        marker,
        '-cp',
        runtime.classPath,
        process.mainClass,
        ...process.arguments.map((argument) => this.#fillIn(name, memberId, argument)),
      ],
      marker,
      consoleFile: path.join(logs, 'console.log'),
    })
  }

  async #recordLaunch(name: string, memberId: number) {
    const now = this.#options.clock.now()
    const last = await this.#lastLaunch(name, memberId)
    const waited = last === undefined ? 0 : backOffMs(last.quickExits)
    const quick = last !== undefined && now.getTime() - Date.parse(last.at) < waited + healthyAfterMs
    const next: LaunchRecord = { at: now.toISOString(), quickExits: quick ? last.quickExits + 1 : 0 }
    await writeAtomically(path.join(this.#places(name, memberId).directory, 'launch.json'), JSON.stringify(next))
  }

  async #lastLaunch(name: string, memberId: number): Promise<LaunchRecord | undefined> {
    const text = await readFile(path.join(this.#places(name, memberId).directory, 'launch.json'), 'utf8').catch(
      ignoreMissing,
    )
    return text === undefined ? undefined : (JSON.parse(text) as LaunchRecord)
  }

  async replace(name: string, memberId: number): Promise<void> {
    await end(this.#places(name, memberId).directory, this.#marker(name, memberId), stopGraceMs)
    await this.#start(name, memberId)
  }

  async observe(name: string): Promise<WorkloadObservation | undefined> {
    const record = await this.#read(name)
    // A removal that was interrupted may have left a directory without a record: that is still something to remove.
    if (record === undefined) return (await this.list()).includes(name) ? { token: 0, members: [] } : undefined
    const ids = Object.keys(record.processes).map(Number)
    return {
      token: record.token,
      members: await Promise.all(ids.map((id) => this.#observeMember(name, id))),
    }
  }

  async #observeMember(name: string, id: number): Promise<MemberObservation> {
    const live = await livePids(this.#places(name, id).directory, this.#marker(name, id))
    if (live.length > 0) return { id, state: 'running' }
    const last = await this.#lastLaunch(name, id)
    if (last === undefined) return { id, state: 'stopped' }
    return { id, state: 'stopped', startableAt: new Date(Date.parse(last.at) + backOffMs(last.quickExits)) }
  }

  async list(): Promise<string[]> {
    return (await readdir(this.#options.directory).catch(ignoreMissing)) ?? []
  }

  watch(onChange: (name: string) => void): () => void {
    return watchWorkloads(this, watchEveryMs, onChange)
  }

  async endpoints(name: string): Promise<Endpoints | undefined> {
    return (await this.#read(name))?.endpoints
  }

  async logs(name: string, memberId: number, { lines }: { lines: number }): Promise<string[]> {
    const { logs } = this.#places(name, memberId)
    const files = ((await readdir(logs).catch(ignoreMissing)) ?? []).filter((file) => file.endsWith('.log'))
    const texts = await Promise.all(files.toSorted().map((file) => readFile(path.join(logs, file), 'utf8')))
    return texts.flatMap((text) => text.trimEnd().split('\n')).slice(-lines)
  }

  async remove(name: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    await this.#endMembers(name, keepVolumes ? stopGraceMs : 0)
    if (keepVolumes) return
    // The record goes last: a removal that is interrupted is one that can be seen and done again.
    await rm(path.join(this.#workloadDirectory(name), 'members'), { recursive: true, force: true, maxRetries: 5 })
    await rm(this.#workloadDirectory(name), { recursive: true, force: true, maxRetries: 5 })
  }

  /** Ends every process of every workload; their data, files and ports stay for the next start. */
  async stopAll(graceMs = stopGraceMs): Promise<void> {
    await Promise.all((await this.list()).map((name) => this.#endMembers(name, graceMs)))
  }

  async #endMembers(name: string, graceMs: number) {
    const members = (await readdir(path.join(this.#workloadDirectory(name), 'members')).catch(ignoreMissing)) ?? []
    await Promise.all(
      members.map((id) => end(this.#places(name, Number(id)).directory, this.#marker(name, Number(id)), graceMs)),
    )
  }

  #workloadDirectory(name: string) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`not a workload name: ${name}`)
    return path.join(this.#options.directory, name)
  }

  #places(name: string, memberId: number) {
    const directory = path.join(this.#workloadDirectory(name), 'members', String(memberId))
    const within = (part: string) => path.join(directory, part)
    return { directory, files: within('files'), data: within('data'), logs: within('logs') }
  }

  #marker(name: string, memberId: number) {
    return `-Dtributary.member=${this.#places(name, memberId).directory}`
  }

  #fillIn(name: string, memberId: number, text: string) {
    const places = this.#places(name, memberId)
    return text
      .replaceAll('{{files}}', places.files)
      .replaceAll('{{data}}', places.data)
      .replaceAll('{{logs}}', places.logs)
  }

  async #read(name: string): Promise<WorkloadRecord | undefined> {
    const text = await readFile(path.join(this.#workloadDirectory(name), 'workload.json'), 'utf8').catch(ignoreMissing)
    return text === undefined ? undefined : (JSON.parse(text) as WorkloadRecord)
  }

  async #write(name: string, record: WorkloadRecord) {
    await mkdir(this.#workloadDirectory(name), { recursive: true, mode: 0o700 })
    await writeAtomically(path.join(this.#workloadDirectory(name), 'workload.json'), JSON.stringify(record, null, 2))
  }
}

const listenedPorts = (endpoints: Endpoints) =>
  Object.values(endpoints).flatMap((ports) => Object.values(ports).map(({ listen }) => listen.port))

async function writeAtomically(file: string, text: string) {
  const next = `${file}.${randomUUID()}`
  await writeFile(next, text, { mode: 0o600 })
  await rename(next, file)
}
