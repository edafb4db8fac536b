import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'
import { python } from '../clients/librdkafka.ts'
import { resultsOf } from './attempts.ts'

/** What librdkafka is allowed and refused under each key, by attempt: see attempts.py. */
export async function attemptWithLibrdkafka(
  logins: readonly KafkaLogin[],
  topic: string,
  names: readonly string[],
): Promise<Record<string, string>[]> {
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'tributary-librdkafka-'))
  try {
    const file = path.join(temporary, 'logins.json')
    const known = logins.map(({ bootstrap, caFile, key }) => ({
      bootstrap,
      ca: caFile,
      id: key.id,
      secret: key.secret,
    }))
    await writeFile(file, JSON.stringify(known), { mode: 0o600 })
    const { stdout } = await promisify(execFile)(python, [
      path.join(import.meta.dirname, 'attempts.py'),
      file,
      topic,
      ...names,
    ])
    return resultsOf(stdout, logins.length)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
