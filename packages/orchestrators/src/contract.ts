/**
 * What runs workloads. A manifest says what should run; a driver makes it real. Scaling, rolling,
 * draining and repair are written once above this contract and never inside a driver.
 */
export interface Orchestrator {
  /**
   * Gives every port of every member an address that stays the same for the workload's life.
   * Idempotent: members that already have addresses keep them.
   */
  reserve(name: string, request: AddressRequest): Promise<Endpoints>
  /**
   * Writes the members' files and starts those that do not run. It never restarts a member.
   * The token is that of the lease under which it happens: throws StaleToken where a later one has applied, and
   * AddressInUse where something else has the address of a member that is to start.
   */
  apply(manifest: WorkloadManifest, token: number): Promise<void>
  /** Restarts one member with the files of the last `apply`. */
  replace(name: string, memberId: number): Promise<void>
  /** What really runs; undefined when there is nothing of that name. */
  observe(name: string): Promise<WorkloadObservation | undefined>
  list(): Promise<string[]>
  /** Calls back for every workload once, and then whenever a member's state changed; returns how to stop. */
  watch(onChange: (name: string) => void): () => void
  endpoints(name: string): Promise<Endpoints | undefined>
  /** The last lines a member wrote. */
  logs(name: string, memberId: number, options: { lines: number }): Promise<string[]>
  /** Ends every member and deletes what they left; idempotent. */
  remove(name: string, options: { keepVolumes: boolean }): Promise<void>
}

/** A set of like members with stable ids, files, volumes and ports. */
export interface WorkloadManifest {
  name: string
  /** Which installed software runs: the driver knows where it is. */
  runtime: string
  members: readonly MemberManifest[]
}

export interface MemberManifest {
  id: number
  zone: string
  /**
   * Text files by name. In their text and in the arguments, `{{files}}`, `{{data}}` and `{{logs}}`
   * stand for the directories that the driver gives the member.
   */
  files: Readonly<Record<string, string>>
  process: { mainClass: string; jvmOptions: readonly string[]; arguments: readonly string[] }
}

export interface AddressRequest {
  members: readonly { id: number; zone: string }[]
  ports: readonly PortRequest[]
}

/** `clients`: reachable from outside. `members`: only by members of this workload and the control plane. */
export interface PortRequest {
  name: string
  reach: 'clients' | 'members'
}

export interface Address {
  host: string
  port: number
}

/** Where a member listens, and what it tells others to connect to. */
export interface Endpoint {
  listen: Address
  advertised: Address
}

/** By member id, then by port name. */
export type Endpoints = Readonly<Record<number, Readonly<Record<string, Endpoint>>>>

export interface WorkloadObservation {
  /** The last that applied; zero before. */
  token: number
  members: readonly MemberObservation[]
}

export interface MemberObservation {
  id: number
  state: 'running' | 'stopped'
  /** A member that keeps dying is not started again before this time. */
  startableAt?: Date
}

export class AddressInUse extends Error {
  constructor(name: string, memberId: number, { host, port }: Address, options?: ErrorOptions) {
    super(`${name}/${memberId}: something else listens on ${host}:${port}`, options)
    this.name = 'AddressInUse'
  }
}

export class StaleToken extends Error {
  /** The last that applied. */
  readonly live: number

  constructor(name: string, token: number, live: number) {
    super(`${name}: token ${token} is older than ${live}, which has applied`)
    this.name = 'StaleToken'
    this.live = live
  }
}
