import { describe, expect, it } from 'vitest'
import type { Operation } from './operation.ts'
import { etagOf, isKnown, readVersionsOf, withVersion } from './versions.ts'

const change = { method: 'PATCH', envelope: 'cloud', target: async () => undefined } as unknown as Operation
const read = { ...change, method: 'GET' } as Operation
const create = { ...change, method: 'POST' } as Operation

describe('an If-Match says from which versions a change may go out', () => {
  it.each([
    ['"7.abc"', [7n]],
    ['"7"', [7n]],
    ['"7.a", "8.b"', [7n, 8n]],
    [' "7.a" ,"8.b" ', [7n, 8n]],
    ['"7.a,b"', [7n]],
    // Not as strong as a change needs, of another server, or nothing at all: these match no version.
    ['W/"7.abc"', []],
    ['"abc"', []],
    ['""', []],
    ['"-1"', []],
    ['"99999999999999999999"', []],
    ['"7x"', []],
  ])('%s', (header, versions) => {
    expect(readVersionsOf(change, header)).toEqual(versions)
  })

  it('* is for any, and so is none', () => {
    expect(readVersionsOf(change, '*')).toBeUndefined()
    expect(readVersionsOf(change, undefined)).toBeUndefined()
  })

  it.each(['', '7', '7.abc', '"7', '7"', '"7" "8"', '*, "7"', 'w/"7"', '"7"; "8"', '"a b"', '"7"\u0000', '\u0000'])(
    'refuses %j',
    (header) => {
      expect(() => readVersionsOf(change, header)).toThrow(
        expect.objectContaining({ status: 400, source: { parameter: 'If-Match' } }),
      )
    },
  )

  it('and where nothing has a version it is refused: whoever sends it counts on it', () => {
    for (const other of [create, { ...change, envelope: 'kafkaRest' } as Operation]) {
      expect(() => readVersionsOf(other, '"7"')).toThrow(expect.objectContaining({ status: 400 }))
    }
    expect(readVersionsOf(read, '"7"')).toBeUndefined()
  })

  it('in no time, however long it is', () => {
    const before = performance.now()
    for (const header of [
      '"7",'.repeat(4000),
      `${'"7",'.repeat(4000)}x`,
      ' '.repeat(16_000),
      `"${'W/'.repeat(8000)}`,
    ]) {
      try {
        readVersionsOf(change, header)
      } catch {
        // It may be read or not.
      }
    }
    expect(performance.now() - before).toBeLessThan(500)
  })
})

describe('an ETag', () => {
  const body = withVersion({ version: 7n })

  it('changes with the version and with whatever is answered', () => {
    const tags = [etagOf(read, body, 'a'), etagOf(read, body, 'b'), etagOf(read, withVersion({ version: 8n }), 'a')]
    expect(new Set(tags).size).toBe(3)
    for (const tag of tags) expect(tag).toMatch(/^"[78]\.[\w-]{16}"$/)
  })

  it('is the same where a change is answered and where it is read', () => {
    expect(etagOf(change, body, 'a')).toBe(etagOf(read, body, 'a'))
  })

  it('tells nothing of what only a POST answers', () => {
    expect(etagOf(create, body, 'a secret')).toBe('"7"')
  })

  it('is of things that have a version', () => {
    expect(etagOf(read, { id: 'x' }, 'a')).toBeUndefined()
    expect(etagOf(read, undefined, '')).toBeUndefined()
  })

  it.each([
    ['"7.a"', true],
    ['W/"7.a"', true],
    ['"6.b", "7.a"', true],
    ['*', true],
    ['"7.b"', false],
    ['7.a', false],
    ['', false],
    [undefined, false],
  ])('is known to who sends If-None-Match: %s', (header, known) => {
    expect(isKnown('"7.a"', header)).toBe(known)
  })
})
