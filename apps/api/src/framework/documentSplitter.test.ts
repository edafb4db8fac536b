import { AppError } from '@tributary/domain/errors'
import { describe, expect, it } from 'vitest'
import { DocumentSplitter, type SplitDocument } from './documentSplitter.ts'

const shown = ({ content }: SplitDocument) => (content instanceof AppError ? content.status : content.toString())

function split(text: string, chunkBytes = text.length): (string | number)[] {
  const splitter = new DocumentSplitter()
  const bytes = Buffer.from(text)
  const documents: SplitDocument[] = []
  for (let at = 0; at < bytes.length && !splitter.isBroken; at += chunkBytes) {
    documents.push(...splitter.push(bytes.subarray(at, at + chunkBytes)))
  }
  return [...documents, ...(splitter.isBroken ? [] : splitter.end())].map(shown)
}

describe('documents are found wherever a stream is cut', () => {
  const documents = [
    '{}',
    '{"a":"}{"}',
    String.raw`{"a":"\"}","b":"\\"}`,
    '{"a":[{"b":[]},"[",{"c":"ü€😀"}]}',
    '{"a":\n{"b":1}}',
  ]
  it.each([1, 2, 3, 5, 1000])('into pieces of %i bytes', (chunkBytes) => {
    expect(split(` ${documents.join('')}\r\n${documents.join(' \t')}\n`, chunkBytes)).toEqual([
      ...documents,
      ...documents,
    ])
  })
})

describe('what is no document is told apart', () => {
  it('one that is too large or too deep is skipped to its end', () => {
    const large = `{"a":"${'x'.repeat(1_048_576)}"}`
    const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`
    for (const chunkBytes of [65_536, 3_000_000]) {
      expect(split(`{}${large}{}${deep}{}`, chunkBytes)).toEqual(['{}', 413, '{}', 400, '{}'])
    }
  })

  it('one that begins as no object does, or never ends, is the last', () => {
    for (const text of ['1', '[{}]', '"{}"', ',{}', 'x', '}']) expect(split(`{}${text}{}`, 1)).toEqual(['{}', 400])
    expect(split('{}{"a":"}')).toEqual(['{}', 400])
    expect(split('')).toEqual([])
  })
})
