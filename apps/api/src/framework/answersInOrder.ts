import { Readable } from 'node:stream'

interface Waiting {
  sizeBytes: number
  text: string | undefined
}

/**
 * A stream of answers in the order of their questions, each as soon as it and all before it are there. What is
 * under way is bounded: whoever adds waits for room first, and there is none while the reader takes no answers.
 */
export class AnswersInOrder extends Readable {
  readonly #mostBytes: number
  readonly #waiting: Waiting[] = []
  #bytes = 0
  #isWanted = false
  #isFinished = false
  #room: (() => void) | undefined

  constructor({ mostBytes }: { mostBytes: number }) {
    super({ encoding: 'utf8' })
    this.#mostBytes = mostBytes
  }

  /** Whether nothing more is to be added. */
  get isFinished(): boolean {
    return this.#isFinished || this.destroyed
  }

  add(sizeBytes: number, answer: Promise<string>): void {
    const waiting: Waiting = { sizeBytes, text: undefined }
    this.#waiting.push(waiting)
    this.#bytes += sizeBytes
    void this.#settle(waiting, answer)
  }

  async #settle(waiting: Waiting, answer: Promise<string>): Promise<void> {
    try {
      waiting.text = await answer
      this.#flush()
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  /** Returns when one more may be added. Only one caller at a time. */
  async room(): Promise<void> {
    if (this.#bytes < this.#mostBytes || this.isFinished) return
    await new Promise<void>((resolve) => (this.#room = resolve))
  }

  /** The stream ends with the last answer that is under way. */
  finish(): void {
    this.#isFinished = true
    this.#makeRoom()
    this.#flush()
  }

  override _read(): void {
    this.#isWanted = true
    this.#flush()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#makeRoom()
    callback(error)
  }

  #flush(): void {
    if (!this.#isWanted || this.destroyed) return
    const end = this.#waiting.findIndex(({ text }) => text === undefined)
    const ready = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
    if (ready.length > 0) {
      for (const { sizeBytes } of ready) this.#bytes -= sizeBytes
      if (this.#bytes < this.#mostBytes) this.#makeRoom()
      this.#isWanted = false
      this.push(ready.map(({ text }) => text).join(''))
    }
    if (this.#isFinished && this.#waiting.length === 0) this.push(null)
  }

  #makeRoom(): void {
    this.#room?.()
    this.#room = undefined
  }
}
