import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime, type KafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { clientProperties, type KafkaLogin } from '@tributary/testkit/kafkaTools'

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
    login: KafkaLogin,
    cluster: { id: string; topic: string },
    names: readonly string[] = [],
  ): Promise<Record<string, string>> {
    const [results = {}] = await this.makeAll([login], cluster, names)
    return results
  }

  /** The same under several keys, one after another. */
  async makeAll(
    logins: readonly KafkaLogin[],
    cluster: { id: string; topic: string },
    names: readonly string[],
  ): Promise<Record<string, string>[]> {
    const files = await Promise.all(logins.map((login) => this.#write(login)))
    const { java, classPath } = this.#runtime
    const jvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'Attempts']
    const args = [...jvm, files.join(','), cluster.topic, `__tributary_access-${cluster.id}`, ...names]
    const { stdout } = await promisify(execFile)(java, args)
    return resultsOf(stdout, logins.length)
  }

  async #write(login: KafkaLogin): Promise<string> {
    const file = path.join(this.#directory, `${login.key.id}.properties`)
    await writeFile(file, clientProperties(login), { mode: 0o600 })
    return file
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** Lines of `attempt`, the number of the login, the name of the attempt and its result, by login. */
export function resultsOf(stdout: string, logins: number): Record<string, string>[] {
  const lines = [...stdout.matchAll(/^attempt\t(\d+)\t([^\t]+)\t(.+)$/gm)]
  return Array.from({ length: logins }, (_, number) =>
    Object.fromEntries(
      lines.filter(([, of]) => Number(of) === number).map(([, , name = '', result = '']) => [name, result]),
    ),
  )
}
