import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'
import { resultsOf } from './attempts.ts'

const run = promisify(execFile)

/** librdkafka comes inside this package. */
const version = '2.16.1'
const directory = path.join(projectDirectory, `.runtime/confluent-kafka-${version}`)
const python = path.join(directory, 'bin/python')

/** Why librdkafka cannot be tried on this machine; undefined when it can, installed if it was not. */
export async function librdkafkaProblem(): Promise<string | undefined> {
  if (existsSync(python)) return undefined
  const unfinished = `${directory}.${process.pid}`
  try {
    await run('python3', ['-m', 'venv', '--copies', unfinished])
    await run(path.join(unfinished, 'bin/python'), ['-m', 'pip', 'install', '--quiet', `confluent-kafka==${version}`])
    await rename(unfinished, directory)
    return undefined
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    return `librdkafka was not tried: it needs python3 with venv, and PyPI (${(error as Error).message.split('\n')[0]})`
  }
}

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
    const { stdout } = await run(python, [path.join(import.meta.dirname, 'attempts.py'), file, topic, ...names])
    return resultsOf(stdout, logins.length)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
