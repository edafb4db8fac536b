import type { Pointer } from '@tributary/database/outbox'
import { Jobs } from '@tributary/engine/jobs'

const times = 10
const latestMs = 400

/** Delivers every ring ten times and out of order: once for certain, and again at any time after that. */
export class TenfoldJobs extends Jobs {
  handled = 0
  #token = 0n

  override async ring(pointers: readonly Pointer[]): Promise<void> {
    for (let again = 1; again < times; again++) {
      for (const pointer of pointers) setTimeout(() => void this.#deliver([pointer]).catch(() => undefined), anyTime())
    }
    await this.#deliver(pointers.toReversed())
  }

  override ringAfterLease(pointers: readonly Pointer[]): Promise<void> {
    return this.ring(pointers)
  }

  override consume(kind: string, concurrency: number, handle: (id: string) => Promise<void>): void {
    super.consume(kind, concurrency, async (id) => {
      this.handled++
      await handle(id)
    })
  }

  /** Each with a token of its own, so that none stands for another. */
  #deliver(pointers: readonly Pointer[]): Promise<void> {
    return super.ringAfterLease(pointers.map((pointer) => ({ ...pointer, token: --this.#token })))
  }
}

const anyTime = () => Math.random() * latestMs
