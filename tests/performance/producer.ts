import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'
import { librdkafkaProblem, python } from '../clients/librdkafka.ts'

/** One client process with a connection for each login, by name. */
export async function startProducer(logins: Readonly<Record<string, KafkaLogin>>) {
  const problem = await librdkafkaProblem()
  if (problem !== undefined) throw new Error(problem)
  await using cleanup = new AsyncDisposableStack()
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-producer-'))
  cleanup.defer(() => rm(directory, { recursive: true, force: true }))
  const file = path.join(directory, 'logins.json')
  const known = Object.entries(logins).map(([name, { bootstrap, caFile, key }]) => [
    name,
    { bootstrap, ca: caFile, id: key.id, secret: key.secret },
  ])
  await writeFile(file, JSON.stringify(Object.fromEntries(known)), { mode: 0o600 })
  const child = spawn(python, [path.join(import.meta.dirname, 'produce.py'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanup.defer(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdin.end()
    await ended
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const started = cleanup.move()
  return {
    /** Seconds until all are acknowledged; with pauses between them, for each until it is. */
    async produce(name: string, records: number, pauseSeconds?: number): Promise<number[]> {
      child.stdin.write(`${[name, records, ...(pauseSeconds === undefined ? [] : [pauseSeconds])].join(' ')}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error('the producer ended')
      return value.split(' ').map(Number)
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
