import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { megabytes, ratio, type Figure } from './figure.ts'

/** Of a broker's JVM what makes code fast or slow and memory large or small. */
const jvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m']
const keysLimitBytes = 20 * 1024 ** 2

/** What the plugin's authorizer costs beside Kafka's own, and what keys cost in a broker's memory: see Authorizer.java. */
export async function measureAuthorizer(): Promise<Figure[]> {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-authorizer-'))
  try {
    const program = path.join(import.meta.dirname, 'Authorizer.java')
    const compiler = java.replace(/java$/, 'javac')
    await promisify(execFile)(compiler, ['-proc:none', '-cp', classPath, '-d', directory, program])
    const main = ['-cp', `${directory}:${classPath}`, 'dev.tributary.broker.Authorizer']
    const { stdout } = await promisify(execFile)(java, [...jvm, ...main])
    return [...checks(stdout), memoryOfKeys(stdout)]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function checks(printed: string): Figure[] {
  return [...printed.matchAll(/^case\t(.+)\t(\d+)\t(\d+)\t\d+$/gm)].map(([, name = '', own = '', baseline = '']) => {
    const value = Number(own) / Number(baseline)
    return {
      what: `a check of access, ${name} ÷ Kafka's own authorizer`,
      measured: ratio(value),
      atMost: '2.00',
      holds: value <= 2,
      note: `${own} ns against ${baseline} ns of processor time (p50); 10,000 role bindings and 10,000 ACLs against the same ACLs, in turn`,
    }
  })
}

function memoryOfKeys(printed: string): Figure {
  const bytes = Number(/^keys\t(\d+)$/m.exec(printed)?.[1])
  return {
    what: 'memory of 10,000 keys on a broker',
    measured: megabytes(bytes),
    atMost: megabytes(keysLimitBytes),
    holds: bytes <= keysLimitBytes,
    note: 'live heap after collection, with and without them',
  }
}
