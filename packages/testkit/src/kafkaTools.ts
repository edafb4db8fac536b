import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'

export interface KafkaLogin {
  bootstrap: string
  caFile: string
  key: { id: string; secret: string }
}

export interface ToolResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs one of Kafka's own command line tools over SASL_SSL, as a stranger would. */
export async function runKafkaTool(
  login: KafkaLogin,
  tool: string,
  args: readonly string[],
  input = '',
): Promise<ToolResult> {
  const { java, classPath, jvmOptions } = await loadKafkaRuntime(process.env)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-tool-'))
  const config = path.join(directory, 'client.properties')
  await writeFile(config, clientProperties(login), { mode: 0o600 })
  try {
    const jvm = jvmOptions.filter((option) => !option.includes('SharedArchiveFile'))
    const child = spawn(java, [
      ...jvm,
      '-cp',
      classPath,
      `org.apache.kafka.tools.${tool}`,
      '--bootstrap-server',
      login.bootstrap,
      '--command-config',
      config,
      ...args,
    ])
    const collected = { stdout: '', stderr: '' }
    child.stdout.on('data', (text: Buffer) => (collected.stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (collected.stderr += text.toString()))
    child.stdin.end(input)
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, ...collected }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What Kafka's own clients want to know, as a file of properties. */
export const clientProperties = ({ bootstrap, caFile, key }: KafkaLogin) => `
bootstrap.servers=${bootstrap}
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${key.id}" password="${key.secret}";
ssl.truststore.type=PEM
ssl.truststore.location=${caFile}
`
