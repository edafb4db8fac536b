import { describe, expect, it } from 'vitest'
import { createLog } from './log.ts'

const canary = 'canary-5f0c'

function logged(fields: object): string {
  const lines: string[] = []
  createLog('test', 'info', { write: (line) => lines.push(line) }).info(fields, 'something happened')
  return lines.join('')
}

describe('a secret never reaches a log line', () => {
  it.each([
    'password',
    'passwordHash',
    'secret',
    'cloud_api_secret',
    'authorization',
    'Authorization',
    'set-cookie',
    'token',
    'refresh_token',
    'privateKey',
    'privateKeyPem',
    'wrapped_data_key',
  ])('in a field %s, however deep it hangs', (name) => {
    const field = { [name]: canary }
    const fields = { ...field, a: { ...field, b: [{ ...field, c: { ...field, d: { ...field, e: [field] } } }] } }
    const line = logged(fields)
    expect(line).not.toContain(canary)
    expect(line).toContain('[redacted]')
  })

  it('nor in what a library hangs to its errors', () => {
    const refused = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: [canary] } })
    const url = Object.assign(new TypeError('Invalid URL'), { input: `postgres://u:${canary}@db` })
    const line = logged({ err: new Error('failed', { cause: new AggregateError([refused, url]) }) })
    expect(line).not.toContain(canary)
    expect(line).toContain('WRONGPASS')
    expect(line).toContain('Invalid URL')
  })

  it('nor as bytes', () => {
    expect(logged({ key: Buffer.from(canary), view: new Uint8Array(32) })).toContain('[32 bytes]')
    expect(logged({ key: Buffer.from(canary) })).not.toMatch(/canary|99,97|Buffer/)
  })
})

describe('a log line says what happened', () => {
  it('with the code, the cause and the stack of an error', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    expect(JSON.parse(logged({ err: new Error('failed', { cause }), kind: 'kafka-cluster' }))).toMatchObject({
      msg: 'something happened',
      kind: 'kafka-cluster',
      err: { type: 'Error', message: 'failed', stack: expect.any(String), cause: { code: 'ECONNREFUSED' } },
    })
  })
})
