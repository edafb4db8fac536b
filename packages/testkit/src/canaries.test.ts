import { once } from 'node:events'
import { appendFile, readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import path from 'node:path'
import { expect, inject, it } from 'vitest'
import { secretsTold } from './canaries.ts'
import { queryAsOwner } from './database.ts'
import { TestInstallation } from './installation.ts'

it('a secret that gets out fails the test at its end, which names each place and not the secret', async () => {
  const installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  const { cloudKey, password } = await installation.createOrganization()
  const secrets = path.join(installation.home, 'secrets')
  const keyEncryptionKey = await readFile(path.join(secrets, 'key-encryption-key'), 'utf8')
  const tokenKey = await readFile(path.join(secrets, 'token-key.pem'), 'utf8')
  const lines = {
    plain: `{"msg":"${cloudKey.secret}"}`,
    base64: Buffer.from(`${cloudKey.id}:${cloudKey.secret}, of the key`).toString('base64'),
    url: `GET /?key=${encodeURIComponent(keyEncryptionKey)}`,
    pem: JSON.stringify({ tokenKey }),
    harmless: cloudKey.id,
  }
  for (const [name, line] of Object.entries(lines)) await appendFile(installation.logFile(name), line)
  const spill = (statement: string, value: unknown) => queryAsOwner(installation.databaseUrl, statement, [value])
  await spill('UPDATE audit_events SET operation = $1', password)
  await spill('UPDATE organizations SET wrapped_data_key = $1', Buffer.from(cloudKey.secret))
  const redis = createConnection(Number(new URL(installation.redisUrl).port), '127.0.0.1')
  redis.end(`SET keys:${cloudKey.secret} 1\r\n`)
  await once(redis, 'data')

  const end = await installation[Symbol.asyncDispose]().catch((error: unknown) => (error as Error).message)
  expect(String(end).replace('secrets got out: ', '').split('; ').toSorted()).toEqual([
    'a password is in the table audit_events',
    'the key-encryption key is in url.log',
    'the private key of token-key.pem is in pem.log',
    'the secret of an API key is in Redis',
    'the secret of an API key is in base64.log',
    'the secret of an API key is in plain.log',
    'the secret of an API key is in the table organizations',
  ])
})

const told = (body: object, headers: Record<string, string> = {}) =>
  secretsTold({ text: JSON.stringify(body), body, headers: new Headers(headers) })

it('an answer tells a secret anywhere but in the field for it', () => {
  const secret = 'a-secret-of-some-length'
  expect(told({ spec: { secret } })).toEqual([])
  expect(told({ detail: `not ${secret}` })).toEqual(['the secret of an API key'])
  expect(told({}, { location: `/keys?secret=${secret}` })).toEqual(['the secret of an API key'])
})
