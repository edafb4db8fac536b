import { X509Certificate } from 'node:crypto'
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { completesHandshake } from '@tributary/kafka/connection'
import { waitUntil } from '@tributary/kit/waitUntil'
import { testPort } from '@tributary/testkit/ports'

export interface StockBroker extends AsyncDisposable {
  bootstrap: string
  pid: number
  user: { id: string; secret: string }
}

/** What of a broker's configuration is the plugin, or says who the broker is. */
const left =
  /^(tributary\.|principal\.builder|authorizer|controller\.quorum|listeners|advertised|log\.dirs|listener\.name\.external\.(plain|oauthbearer|sasl))/

/**
 * The baseline for what a broker with the plugin does: the same Kafka, flags, settings, logs, TLS and SASL/PLAIN, with Kafka's
 * own login module and authorizer instead. `member` is the directory of a broker of ours, whose files it shares.
 */
export async function startStockBroker(member: string, caFile: string): Promise<StockBroker> {
  await using cleanup = new AsyncDisposableStack()
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-stock-'))
  cleanup.defer(() => rm(directory, { recursive: true, force: true }))
  const [controller, internal, external] = [await testPort(), await testPort(), await testPort()]
  const ours = await readFile(path.join(member, 'files/server.properties'), 'utf8')
  const kept = ours.split('\n').filter((line) => line !== '' && !left.test(line))
  const user = { id: 'bench', secret: 'bench-secret' }
  const listeners = `CONTROLLER://127.0.0.1:${controller},INTERNAL://127.0.0.1:${internal},EXTERNAL://127.0.0.1:${external}`
  const config = path.join(directory, 'server.properties')
  const login = `username="broker" password="unused" user_${user.id}="${user.secret}"`
  await mkdir(path.join(directory, 'data'))
  await writeFile(
    config,
    [
      ...kept,
      `controller.quorum.bootstrap.servers=127.0.0.1:${controller}`,
      `listeners=${listeners}`,
      `advertised.listeners=${listeners}`,
      `log.dirs=${directory}/data`,
      'listener.name.external.sasl.enabled.mechanisms=PLAIN',
      `listener.name.external.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`,
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      `super.users=User:${user.id};${await subjectOf(path.join(member, 'files/broker.pem'))}`,
    ].join('\n'),
    { mode: 0o600 },
  )
  const logging = path.join(directory, 'log4j2.properties')
  const ourLogging = await readFile(path.join(member, 'files/log4j2.properties'), 'utf8')
  await writeFile(logging, ourLogging.replaceAll(member, directory))
  const { java, classPath, jvmOptions } = await loadKafkaRuntime(process.env)
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', 'AAAAAAAAQACEZcwJQWkqbg', '-c', config]
  await promisify(execFile)(java, ['-cp', classPath, ...format])
  const sizes = ['-Xms48m', '-Xmx256m', '-Xss512k', '-XX:MaxDirectMemorySize=128m']
  const jvm = [...jvmOptions, ...sizes, `-Dlog4j2.configurationFile=${logging}`]
  const broker = spawn(java, [...jvm, '-cp', classPath, 'kafka.Kafka', config], { stdio: 'ignore' })
  cleanup.defer(async () => {
    const ended = new Promise((resolve) => broker.once('exit', resolve))
    broker.kill('SIGKILL')
    await ended
  })
  const ca = await readFile(caFile, 'utf8')
  await waitUntil(() => completesHandshake({ host: '127.0.0.1', port: external }, ca, 2000), {
    timeoutMs: 60_000,
    everyMs: 100,
    what: 'the stock broker to let clients in',
  })
  const started = cleanup.move()
  return {
    bootstrap: `127.0.0.1:${external}`,
    pid: broker.pid ?? 0,
    user,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** The broker is a super user of itself. */
async function subjectOf(pemFile: string): Promise<string> {
  const pem = await readFile(pemFile, 'utf8')
  const certificate = pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))
  return `User:${new X509Certificate(certificate).subject.split('\n').toReversed().join(',')}`
}
