import type { Timers } from '@tributary/kit/clock'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { VirtualTime } from './virtualTime.ts'

export interface Surroundings {
  time: VirtualTime
  random: Random
  network: Network
}

/** A call that goes out of a process: its effect happens all at once, whenever it arrives. */
export type Call = <Result>(
  what: string,
  effect: () => Result | Promise<Result>,
  options?: { slowness?: number },
) => Promise<Result>

const epochMs = Date.parse('2026-01-01T00:00:00Z')

/**
 * A process with timers of its own and calls to the outside, which may die or be paused at any moment. Calls that are
 * on their way when it dies arrive or don't; their answers reach nobody.
 */
export class SimulatedProcess {
  readonly name: string
  isAlive = true
  readonly clock: Timers
  readonly #surroundings: Surroundings
  readonly #atEnd: (() => void)[] = []
  /** What waits for a paused process to wake. */
  #waiting: (() => void)[] | undefined

  constructor(name: string, surroundings: Surroundings) {
    this.name = name
    this.#surroundings = surroundings
    const { time } = surroundings
    this.clock = {
      now: () => new Date(epochMs + time.nowMs),
      elapsedMs: () => time.nowMs,
      after: (ms, callback) => this.#after(ms, callback),
      every: (ms, callback) => this.#every(ms, callback),
    }
  }

  get isPaused(): boolean {
    return this.#waiting !== undefined
  }

  get takesWork(): boolean {
    return this.isAlive && !this.isPaused
  }

  call: Call = <Result>(what: string, effect: () => Result | Promise<Result>, { slowness = 1 } = {}) => {
    const { time, random, network } = this.#surroundings
    const { arrivesAfterMs, answeredAfterMs, lost } = network.fate(time.nowMs, slowness)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const answer = (how: () => void) => time.schedule(answeredAfterMs, '', () => this.deliver(how))
    time.schedule(arrivesAfterMs, `${this.name} ${what}${lost === 'nothing' ? '' : ` (${lost} lost)`}`, () => {
      if (!this.isAlive && random.chance(0.5)) return time.note('  died with its process')
      if (lost === 'call') return answer(() => reject(connectionLost()))
      const done = attempt(effect)
      if (lost === 'answer') return answer(() => reject(connectionLost()))
      return answer(() => resolve(done))
    })
    return promise
  }

  /** Hands something to the process: now, when it wakes, or never. */
  deliver(what: () => void): void {
    if (!this.isAlive) return
    if (this.#waiting === undefined) what()
    else this.#waiting.push(what)
  }

  whenDead(what: () => void): void {
    this.#atEnd.push(what)
  }

  die(): void {
    if (!this.isAlive) return
    this.#surroundings.time.note(`${this.name} dies`)
    this.isAlive = false
    this.#waiting = undefined
    for (const end of this.#atEnd) end()
  }

  pause(): void {
    if (!this.takesWork) return
    this.#surroundings.time.note(`${this.name} is paused`)
    this.#waiting = []
  }

  wake(): void {
    const waiting = this.#waiting
    if (!this.isAlive || waiting === undefined) return
    const { time } = this.#surroundings
    time.note(`${this.name} wakes`)
    this.#waiting = undefined
    for (const what of waiting) time.schedule(0, '', () => this.deliver(what))
  }

  #after(ms: number, callback: () => void) {
    let isCancelled = false
    const cancel = this.#surroundings.time.schedule(ms, '', () =>
      this.deliver(() => {
        if (!isCancelled) callback()
      }),
    )
    return () => {
      isCancelled = true
      cancel()
    }
  }

  /** One that comes late does not come twice. A process that is dead needs no more of them. */
  #every(ms: number, callback: () => void) {
    const again = () =>
      this.#after(ms, () => {
        cancel = again()
        callback()
      })
    let cancel = again()
    return () => cancel()
  }
}

/** What came of it, for whoever is told. An answer that reaches nobody is nobody's error. */
function attempt<Result>(effect: () => Result | Promise<Result>): Promise<Result> {
  try {
    const done = Promise.resolve(effect())
    done.catch(() => undefined)
    return done
  } catch (error) {
    const failed = Promise.reject(error instanceof Error ? error : new Error(String(error)))
    failed.catch(() => undefined)
    return failed
  }
}

const connectionLost = () => Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' })
