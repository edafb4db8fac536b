import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigurationProblem, readConfiguration } from './configuration.ts'

describe('everything has a default, and an empty value counts as none', () => {
  it('listens on loopback and keeps its state in .tributary', () => {
    const configuration = readConfiguration({ TRIBUTARY_PORT: '', DATABASE_URL: '' })
    expect(configuration).toMatchObject({
      home: path.resolve('.tributary'),
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      databaseUrl: undefined,
    })
  })
})

describe('clients are told the public host, and this machine uses what it listens on', () => {
  it.each([
    [{ TRIBUTARY_PUBLIC_HOST: 'kafka.example' }, 'http://kafka.example:8080', 'http://127.0.0.1:8080'],
    [{ TRIBUTARY_HOST: '::1', TRIBUTARY_PORT: '9000' }, 'http://[::1]:9000', 'http://[::1]:9000'],
    [
      { TRIBUTARY_HOST: '0.0.0.0', TRIBUTARY_PUBLIC_HOST: 'kafka.example', TRIBUTARY_ALLOW_PLAIN_HTTP: 'true' },
      'http://kafka.example:8080',
      'http://127.0.0.1:8080',
    ],
  ])('%j', (environment, publicUrl, localUrl) => {
    expect(readConfiguration(environment)).toMatchObject({ publicUrl, localUrl })
  })
})

describe('a wrong value is one sentence that begins with its name', () => {
  it.each([
    ['TRIBUTARY_PORT', 'http'],
    ['TRIBUTARY_PORT', '0'],
    ['TRIBUTARY_PORT', '65536'],
    ['TRIBUTARY_PORT', '80.5'],
    ['TRIBUTARY_HOST', '0.0.0.0'],
    ['TRIBUTARY_HOST', '127.evil.example'],
    ['TRIBUTARY_PUBLIC_HOST', 'http://kafka.example'],
    ['TRIBUTARY_ALLOW_PLAIN_HTTP', 'yes'],
    ['TRIBUTARY_BROKER_PORTS', '20000'],
    ['TRIBUTARY_BROKER_PORTS', '30000-20000'],
    ['TRIBUTARY_LEASE_TTL_MS', '5s'],
    ['TRIBUTARY_LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://localhost'],
    ['REDIS_URL', 'localhost:6379'],
  ])('%s=%s', (name, value) => {
    const read = () => readConfiguration({ [name]: value })
    expect(read).toThrow(ConfigurationProblem)
    expect(read).toThrow(new RegExp(`^${name}: [^\n]+\\.$`))
  })

  it('a wildcard address needs a name that clients can connect to', () => {
    expect(() => readConfiguration({ TRIBUTARY_HOST: '0.0.0.0', TRIBUTARY_ALLOW_PLAIN_HTTP: 'true' })).toThrow(
      /^TRIBUTARY_PUBLIC_HOST: must be set/,
    )
  })
})
