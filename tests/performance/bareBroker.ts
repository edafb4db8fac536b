import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { withAdmin } from '@tributary/kafka/connection'
import { waitUntil } from '@tributary/kit/waitUntil'
import { PortSlice } from '@tributary/testkit/ports'

/**
 * The baseline: one broker of the same version, started by hand as Kafka's quick start has it: plaintext, no plugin,
 * default JVM flags. Milliseconds from the start of the JVM to an answer of the Kafka protocol; formatting, which the
 * quick start does before, is not counted.
 */
export async function bootBareBroker(): Promise<number> {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-bare-'))
  using ports = await PortSlice.claim()
  const [port, controllerPort] = [await ports.next(), await ports.next()]
  const config = path.join(directory, 'server.properties')
  await writeFile(
    config,
    `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
log.dirs=${directory}/data
offsets.topic.replication.factor=1
`,
  )
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', 'AAAAAAAAQACEZcwJQWkqbg', '-c', config]
  await promisify(execFile)(java, ['-cp', classPath, ...format])
  const start = performance.now()
  const broker = spawn(java, ['-cp', classPath, 'kafka.Kafka', config], { stdio: 'ignore' })
  try {
    const connection = { clientId: 'bench', bootstrap: [{ host: '127.0.0.1', port }], tls: undefined }
    await waitUntil(
      async () =>
        (await withAdmin(connection, (admin) => admin.metadata({ topics: [], forceUpdate: true }))).brokers.size === 1,
      { timeoutMs: 60_000, everyMs: 50, what: 'the bare broker to answer' },
    )
    return performance.now() - start
  } finally {
    const ended = new Promise((resolve) => broker.once('exit', resolve))
    broker.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
}
