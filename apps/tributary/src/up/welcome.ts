import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import type { Configuration } from '@tributary/kit/configuration'
import { credentialsFile } from './credentials.ts'
import { firstTopic, type CompleteCredentials } from './firstCluster.ts'

/** What to copy from, once everything runs. */
export async function welcome({ home }: Configuration, { endpoint, cluster }: CompleteCredentials): Promise<string> {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const script = path.join(home, 'hello.sh')
  writeFileSync(
    script,
    `#!/bin/sh
# Produces one record to the topic ${firstTopic} and consumes it again, with Kafka's own console tools.
cd "$(dirname "$0")" || exit 1
config=$(mktemp) && trap 'rm -f "$config"' EXIT
cat > "$config" <<END
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${cluster.api_key}" password="${cluster.api_secret}";
ssl.truststore.type=PEM
ssl.truststore.location=${path.join(home, 'ca.pem')}
END
kafka() { tool=$1; shift; '${java}' -cp '${classPath}' "org.apache.kafka.tools.$tool" --bootstrap-server '${cluster.bootstrap}' --command-config "$config" "$@" 2>/dev/null; }
echo "hello from $(hostname)" | kafka ConsoleProducer --topic ${firstTopic} &&
kafka consumer.ConsoleConsumer --topic ${firstTopic} --from-beginning --max-messages 1 --timeout-ms 20000
`,
    { mode: 0o700 },
  )
  return `
Tributary is running.

  endpoint     ${endpoint}
  credentials  ${credentialsFile(home)}
  bootstrap    ${cluster.bootstrap}
  try it       ${script}

Ctrl-C stops everything; your clusters and their data stay for the next start.`
}
