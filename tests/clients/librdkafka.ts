import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@tributary/embedded/projectDirectory'

const run = promisify(execFile)

/** librdkafka comes inside this package. */
const version = '2.16.1'
const directory = path.join(projectDirectory, `.runtime/confluent-kafka-${version}`)
/** A Python that has it. */
export const python = path.join(directory, 'bin/python')

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
