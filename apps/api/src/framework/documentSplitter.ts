import { errors, type AppError } from '@tributary/domain/errors'
import { bodyLimitBytes } from './errorRendering.ts'
import { deepestLevel } from './requestBody.ts'

/** A document of a stream, or what is wrong with it, and how much of the stream it was. */
export interface SplitDocument {
  content: Buffer | AppError
  sizeBytes: number
}

const quote = 0x22
const backslash = 0x5c
const openingBrace = 0x7b
const closingBrace = 0x7d
const openingBracket = 0x5b
const closingBracket = 0x5d
const whitespace = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * Cuts a stream of JSON objects, with nothing or white space between them, into one object each. It knows strings
 * and brackets only; whether an object is JSON is for a parser to say. What is too large or too deep is skipped to its
 * end. Where no object begins the next one can not be found either: that error is the last thing it tells.
 */
export class DocumentSplitter {
  isBroken = false
  #parts: Buffer[] = []
  #sizeBytes = 0
  #level = 0
  #deepest = 0
  #isInString = false
  #isEscaped = false

  /** The documents that end in this chunk. */
  push(chunk: Buffer): SplitDocument[] {
    const documents: SplitDocument[] = []
    let start = this.#level > 0 ? 0 : undefined
    for (let at = 0; at < chunk.length && !this.isBroken; at++) {
      const byte = chunk[at] as number
      if (this.#level === 0) {
        if (whitespace.has(byte)) continue
        if (byte === openingBrace) start = at
        else {
          this.isBroken = true
          documents.push({ content: noObject(), sizeBytes: 0 })
          break
        }
      }
      this.#step(byte)
      if (this.#level === 0) {
        this.#keep(chunk.subarray(start, at + 1))
        documents.push(this.#take())
        start = undefined
      }
    }
    if (start !== undefined) this.#keep(chunk.subarray(start))
    return documents
  }

  /** The stream is over: what has begun has no end. */
  end(): SplitDocument[] {
    if (this.#level === 0) return []
    this.isBroken = true
    return [{ content: errors.malformed('The last document has no end.'), sizeBytes: 0 }]
  }

  #step(byte: number): void {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === backslash) this.#isEscaped = true
      else if (byte === quote) this.#isInString = false
    } else if (byte === quote) this.#isInString = true
    else if (byte === openingBrace || byte === openingBracket) {
      this.#level++
      this.#deepest = Math.max(this.#deepest, this.#level)
    } else if (byte === closingBrace || byte === closingBracket) this.#level--
  }

  #keep(part: Buffer): void {
    this.#sizeBytes += part.length
    if (this.#sizeBytes <= bodyLimitBytes) this.#parts.push(part)
    else this.#parts = []
  }

  #take(): SplitDocument {
    const content =
      this.#error() ?? (this.#parts.length === 1 ? this.#parts[0] : undefined) ?? Buffer.concat(this.#parts)
    const sizeBytes = Math.min(this.#sizeBytes, bodyLimitBytes)
    this.#parts = []
    this.#sizeBytes = 0
    this.#deepest = 0
    return { content, sizeBytes }
  }

  #error(): AppError | undefined {
    if (this.#sizeBytes > bodyLimitBytes) return errors.payloadTooLarge(bodyLimitBytes)
    if (this.#deepest > deepestLevel) {
      return errors.malformed(`The document is nested more than ${deepestLevel} levels deep.`)
    }
    return undefined
  }
}

const noObject = () =>
  errors.malformed('Every document must be a JSON object. Send one after another, with nothing between.')
