import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime, type KafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'

/** Compiles the program once for a test file. */
export class Attempts implements AsyncDisposable {
  readonly #directory: string
  readonly #runtime: Pick<KafkaRuntime, 'java' | 'classPath'>

  private constructor(directory: string, runtime: Pick<KafkaRuntime, 'java' | 'classPath'>) {
    this.#directory = directory
    this.#runtime = runtime
  }

  static async compile(): Promise<Attempts> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-attempts-'))
    const { java, classPath } = await loadKafkaRuntime(process.env)
    const program = path.join(import.meta.dirname, 'Attempts.java')
    const compiler = java.replace(/java$/, 'javac')
    await promisify(execFile)(compiler, ['-proc:none', '-cp', classPath, '-d', directory, program])
    return new Attempts(directory, { java, classPath: `${directory}:${classPath}` })
  }

  /** What Kafka's own client is allowed and refused under a key, by attempt: see Attempts.java. */
  async make(
    { bootstrap, caFile, key }: KafkaLogin,
    cluster: { id: string; topic: string },
    names: readonly string[] = [],
  ): Promise<Record<string, string>> {
    const login = path.join(this.#directory, `${key.id}.properties`)
    await writeFile(
      login,
      `bootstrap.servers=${bootstrap}
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${key.id}" password="${key.secret}";
ssl.truststore.type=PEM
ssl.truststore.location=${caFile}
`,
      { mode: 0o600 },
    )
    const { java, classPath } = this.#runtime
    const jvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'Attempts']
    const args = [...jvm, login, cluster.topic, `__tributary_access-${cluster.id}`, ...names]
    const { stdout } = await promisify(execFile)(java, args)
    const results = stdout.matchAll(/^attempt\t(.+)\t(.+)$/gm)
    return Object.fromEntries([...results].map(([, name = '', result = '']) => [name, result]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
