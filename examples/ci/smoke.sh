#!/bin/sh
# Produces a record to a new topic and consumes it, with Kafka's console tools: what a pipeline could
# run under preview-cluster.sh. KAFKA_CLASSPATH holds Kafka's jars (.runtime/kafka-*/libs/* here),
# CA_FILE the certificate of the installation (ca_file in credentials.json).
set -eu
: "${BOOTSTRAP:?}" "${API_KEY:?}" "${API_SECRET:?}" "${REST_ENDPOINT:?}" "${CLUSTER:?}"
: "${KAFKA_CLASSPATH:?}" "${CA_FILE:?}"

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/client.properties" <<END
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="$API_KEY" password="$API_SECRET";
ssl.truststore.type=PEM
ssl.truststore.location=$CA_FILE
END
kafka() {
  tool=$1
  shift
  java -cp "$KAFKA_CLASSPATH" "org.apache.kafka.tools.$tool" \
    --bootstrap-server "$BOOTSTRAP" --command-config "$work/client.properties" "$@" 2>> "$work/errors"
}

printf 'user = "%s"\n' "$API_KEY:$API_SECRET" |
  curl -K - -fsS -o /dev/null -H 'content-type: application/json' -d '{"topic_name": "smoke"}' \
    "$REST_ENDPOINT/kafka/v3/clusters/$CLUSTER/topics"
echo 'it works' | kafka ConsoleProducer --topic smoke
consumed=$(kafka consumer.ConsoleConsumer --topic smoke --from-beginning --max-messages 1 --timeout-ms 20000) || true
[ "$consumed" = 'it works' ] || { cat "$work/errors" >&2; exit 1; }
echo "$consumed"
