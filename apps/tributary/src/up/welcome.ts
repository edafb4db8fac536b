import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { caFile } from '@tributary/control/openInstallation'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import type { Configuration } from '@tributary/kit/configuration'
import { credentialsFile, type Credentials } from './credentials.ts'
import { firstTopic, type FirstCluster } from './firstCluster.ts'

/** What to copy from, once everything runs. */
export async function welcome({ home }: Configuration, { endpoint, cluster }: Credentials): Promise<string> {
  const script = path.join(home, 'hello.sh')
  if (cluster) await writeHello(script, home, cluster)
  else await rm(script, { force: true })
  return `
Tributary is running.

  endpoint     ${endpoint}
  credentials  ${credentialsFile(home)}
  bootstrap    ${cluster ? cluster.bootstrap : 'none: make a cluster as examples/curl.sh does'}
${cluster ? `  try it       ${shellWord(script)}\n` : ''}
Ctrl-C stops everything; your clusters and their data stay for the next start.`
}

/** A script that produces and consumes with Kafka's own console tools, which know nothing of Tributary. */
async function writeHello(script: string, home: string, { api_key, api_secret, bootstrap }: FirstCluster) {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const text = `#!/bin/sh
# Produces one record to the topic ${firstTopic} and consumes it again, with Kafka's own console tools.
set -eu
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/client.properties" <<'END'
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${api_key}" password="${api_secret}";
ssl.truststore.type=PEM
ssl.truststore.location=${caFile(home)}
END
kafka() {
  tool=$1; shift
  ${shellWord(java)} -cp ${shellWord(classPath)} "org.apache.kafka.tools.$tool" \\
    --bootstrap-server '${bootstrap}' --command-config "$work/client.properties" "$@" 2>>"$work/errors" || {
    cat "$work/errors" >&2; exit 1
  }
}
echo "hello from $(hostname)" | kafka ConsoleProducer --topic ${firstTopic}
kafka consumer.ConsoleConsumer --topic ${firstTopic} --from-beginning --max-messages 1 --timeout-ms 20000
`
  await writeFile(script, text, { mode: 0o700 })
}

/** Quoted only where a shell would take the text apart. */
const shellWord = (text: string) => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)
