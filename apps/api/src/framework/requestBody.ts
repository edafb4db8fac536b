import { isUtf8 } from 'node:buffer'
import { errors } from '@tributary/domain/errors'
import { pointer } from './validation.ts'

/** JSON under any of its names. */
export const jsonContentType = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i

/** Deeper than any real body, and shallow enough for whatever walks one. */
export const deepestLevel = 64

/** Reads a JSON body; undefined for an empty one. Throws what is wrong with it as a 400 or 422. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw errors.malformed('The body is not valid UTF-8.', pointer([]))
  const text = bytes.toString('utf8')
  if (text.trim() === '') return undefined
  const value = parse(text)
  refuseWhatCannotBeKept(value)
  return value
}

/**
 * Reads one document of a stream. Numbers that JavaScript would round or spell in another way keep their text,
 * for whoever writes the document out again.
 */
export function parseDocument(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw errors.malformed('The document is not valid UTF-8.', pointer([]))
  const text = bytes.toString('utf8')
  return parse(text, mayHoldUnusualNumbers.test(text) ? keepText : undefined)
}

const mayHoldUnusualNumbers = /\d{16}|\d[.eE]|-0/

/** Not yet in the language's types (proposal-json-parse-with-source). */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object }

const keepText = ((_key: string, value: unknown, { source = '' }: { source?: string }) =>
  typeof value === 'number' && JSON.stringify(value) !== source ? rawJSON(source) : value) as Reviver

type Reviver = Parameters<typeof JSON.parse>[1]

function parse(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch {
    throw errors.malformed('The body is not valid JSON.', pointer([]))
  }
}

interface Node {
  value: unknown
  key: string
  parent: Node | undefined
  level: number
}

/**
 * JSON can say what Postgres refuses to store (NUL characters, half a surrogate pair) and what no
 * program should take over (a key that names the prototype). Walked without recursion: the depth of
 * a body is its sender's choice.
 */
function refuseWhatCannotBeKept(root: unknown): void {
  const open: Node[] = [{ value: root, key: '', parent: undefined, level: 0 }]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, level } = node
    if (typeof value === 'string' && !isText(value)) {
      throw errors.invalid('This text holds a NUL character or half a surrogate pair. Remove it.', pointerTo(node))
    }
    if (typeof value !== 'object' || value === null) continue
    if (level === deepestLevel) {
      throw errors.malformed(`The body is nested more than ${deepestLevel} levels deep.`, pointer([]))
    }
    for (const [key, child] of Object.entries(value)) {
      if (key === '__proto__' || !isText(key)) {
        throw errors.malformed('This object has a field whose name is not allowed. Remove it.', pointerTo(node))
      }
      open.push({ value: child, key, parent: node, level: level + 1 })
    }
  }
}

function pointerTo(node: Node) {
  const path: string[] = []
  for (let at = node; at.parent !== undefined; at = at.parent) path.unshift(at.key)
  return pointer(path)
}

/** Whether Postgres can store it: no NUL, and no half of a surrogate pair. */
export const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
