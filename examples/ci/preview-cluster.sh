#!/bin/sh
# Runs a command against a Kafka cluster that lives only as long as the command: for pull requests.
#
#   examples/ci/preview-cluster.sh COMMAND...
#
# It reads TRIBUTARY_ENDPOINT, TRIBUTARY_CLOUD_API_KEY, TRIBUTARY_CLOUD_API_SECRET and
# TRIBUTARY_ENVIRONMENT, and PREVIEW_NAME, which names the run (one cluster for each name). The
# command gets BOOTSTRAP, API_KEY, API_SECRET, REST_ENDPOINT and CLUSTER.
set -eu
: "${TRIBUTARY_ENDPOINT:?}" "${TRIBUTARY_CLOUD_API_KEY:?}" "${TRIBUTARY_CLOUD_API_SECRET:?}"
: "${TRIBUTARY_ENVIRONMENT:?}" "${PREVIEW_NAME:?}"

json() { node -pe "JSON.parse(fs.readFileSync(0, 'utf8'))$1"; }

# call KEY:SECRET METHOD URL [BODY [IDEMPOTENCY-KEY]]
# A lost answer costs nothing: POSTs carry an Idempotency-Key, so curl may try again as it likes.
call() {
  login=$1 method=$2 url=$3 body=${4:-} once=${5:-}
  printf 'user = "%s"\n' "$login" |
    curl -K - -fsS --retry 5 --retry-connrefused -X "$method" -H 'content-type: application/json' \
      ${once:+-H "idempotency-key: $once"} ${body:+-d "$body"} "$url"
}
cloud() {
  method=$1 path=$2 body=${3:-} once=${4:-}
  call "$TRIBUTARY_CLOUD_API_KEY:$TRIBUTARY_CLOUD_API_SECRET" "$method" "$TRIBUTARY_ENDPOINT$path" "$body" "$once"
}
until_works() {
  what=$1 tries=0
  shift
  until "$@" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { echo "gave up: $what" >&2; exit 1; }
    sleep 1
  done
}

CLUSTER=''
clean_up() {
  status=$?
  trap - EXIT
  if [ -n "$CLUSTER" ]; then
    echo "removing $CLUSTER" >&2
    cloud DELETE "/cmk/v2/clusters/$CLUSTER?environment=$TRIBUTARY_ENVIRONMENT" || status=1
  fi
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

CLUSTER=$(cloud POST /cmk/v2/clusters "{\"spec\": {
  \"display_name\": \"$PREVIEW_NAME\", \"availability\": \"SINGLE_ZONE\", \"cloud\": \"AWS\", \"region\": \"us-east-2\",
  \"config\": {\"kind\": \"Basic\"}, \"environment\": {\"id\": \"$TRIBUTARY_ENVIRONMENT\"}}}" \
  "preview-cluster-$PREVIEW_NAME" | json .id)
describe() { cloud GET "/cmk/v2/clusters/$CLUSTER?environment=$TRIBUTARY_ENVIRONMENT"; }
is_provisioned() { [ "$(describe | json .status.phase)" = PROVISIONED ]; }
until_works 'the cluster is not ready' is_provisioned
BOOTSTRAP=$(describe | json .spec.kafka_bootstrap_endpoint)
REST_ENDPOINT=$(describe | json .spec.http_endpoint)

# The cluster's keys go with the cluster.
owner=$(cloud GET "/iam/v2/api-keys/$TRIBUTARY_CLOUD_API_KEY" | json .spec.owner.id)
created=$(cloud POST /iam/v2/api-keys \
  "{\"spec\": {\"owner\": {\"id\": \"$owner\"}, \"resource\": {\"id\": \"$CLUSTER\"}}}" "preview-key-$CLUSTER")
API_KEY=$(echo "$created" | json .id)
API_SECRET=$(echo "$created" | json .spec.secret)
until_works 'the brokers do not accept the key' \
  call "$API_KEY:$API_SECRET" GET "$REST_ENDPOINT/kafka/v3/clusters/$CLUSTER/topics"
echo "$CLUSTER is ready at $BOOTSTRAP" >&2

export BOOTSTRAP API_KEY API_SECRET REST_ENDPOINT CLUSTER
"$@"
