import type { Random } from './random.ts'

interface Event {
  at: number
  /** Which of those at the same time is first: a matter of chance. */
  order: number
  what: string
  run: (() => void) | undefined
}

/**
 * Time that jumps from one event to the next. Everything that happens is an event, and after each one all that follows
 * from it without waiting is done. So the same seed gives the same history, of which a digest and, if asked for, each
 * line are kept.
 */
export class VirtualTime {
  nowMs = 0
  events = 0
  readonly history: string[] | undefined
  readonly #random: Random
  readonly #heap: Event[] = []
  #digest = 0

  constructor(random: Random, { keepHistory = false } = {}) {
    this.#random = random
    this.history = keepHistory ? [] : undefined
  }

  get digest(): string {
    return `${this.events}/${(this.#digest >>> 0).toString(16)}`
  }

  note(what: string): void {
    let digest = this.#digest
    for (let index = 0; index < what.length; index++) digest = Math.imul(digest ^ what.charCodeAt(index), 0x01000193)
    this.#digest = Math.imul(digest ^ Math.round(this.nowMs * 1000), 0x01000193)
    this.history?.push(`${(this.nowMs / 1000).toFixed(6)} ${what}`)
  }

  /** Returns how to cancel it. An event without a name is in no history. */
  schedule(afterMs: number, what: string, run: () => void): () => void {
    const event: Event = { at: this.nowMs + Math.max(0, afterMs), order: this.#random.next(), what, run }
    this.#push(event)
    return () => (event.run = undefined)
  }

  /** Runs until it is over, or nothing is left to happen. */
  async runUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const event = this.#pop()
      if (event === undefined) return
      this.nowMs = event.at
      if (event.run === undefined) continue
      this.events++
      if (event.what !== '') this.note(event.what)
      event.run()
      await everythingThatFollows()
    }
  }

  #push(event: Event) {
    const heap = this.#heap
    let place = heap.length
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(event, above)) break
      heap[place] = above
      place = parent
    }
    heap[place] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]]
      if (left === undefined) break
      const [child, index] =
        right !== undefined && isBefore(right, left) ? [right, 2 * place + 2] : [left, 2 * place + 1]
      if (!isBefore(child, last)) break
      heap[place] = child
      place = index
    }
    heap[place] = last
    return first
  }
}

const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Node looks at this queue when no promise is left that could go on. */
const everythingThatFollows = () => new Promise<void>((resolve) => process.nextTick(resolve))
