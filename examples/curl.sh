#!/bin/sh
# A tour of the API with nothing but curl: an environment, a service account, a Kafka cluster, a key
# for it, a topic, and everything deleted again. It needs a running installation (npm start), and
# Node to read JSON.
#
#   examples/curl.sh [credentials.json]
set -eu

credentials=${1:-${TRIBUTARY_HOME:-.tributary}/credentials.json}

# json .a.b prints a field of the JSON document on stdin.
json() { node -pe "JSON.parse(fs.readFileSync(0, 'utf8'))$1"; }
setting() { json ".$1" < "$credentials"; }

# call KEY:SECRET METHOD URL [BODY]; the secret is not among curl's arguments, which others can see.
call() {
  login=$1 method=$2 url=$3 body=${4:-}
  printf 'user = "%s"\n' "$login" |
    curl -K - -fsS -X "$method" -H 'content-type: application/json' ${body:+-d "$body"} "$url"
}
endpoint=$(setting endpoint)
cloud_key=$(setting cloud_api_key)
cloud_login="$cloud_key:$(setting cloud_api_secret)"
cloud() { method=$1 path=$2 body=${3:-}; call "$cloud_login" "$method" "$endpoint$path" "$body"; }

# until_works WHAT COMMAND... tries once a second, for two minutes.
until_works() {
  what=$1 tries=0
  shift
  until "$@" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { echo "gave up: $what" >&2; exit 1; }
    sleep 1
  done
}

environment='' account='' cluster='' key=''
clean_up() {
  status=$?
  trap - EXIT
  echo 'deleting everything'
  [ -z "$key" ] || cloud DELETE "/iam/v2/api-keys/$key" || status=1
  [ -z "$cluster" ] || cloud DELETE "/cmk/v2/clusters/$cluster?environment=$environment" || status=1
  [ -z "$account" ] || cloud DELETE "/iam/v2/service-accounts/$account" || status=1
  [ -z "$environment" ] || cloud DELETE "/org/v2/environments/$environment" || status=1
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM
name="curl-$$"

environment=$(cloud POST /org/v2/environments "{\"display_name\": \"$name\"}" | json .id)
echo "environment      $environment"

account=$(cloud POST /iam/v2/service-accounts "{\"display_name\": \"$name\", \"description\": \"of examples/curl.sh\"}" | json .id)
echo "service account  $account"

cluster=$(cloud POST /cmk/v2/clusters "{\"spec\": {
  \"display_name\": \"$name\", \"availability\": \"SINGLE_ZONE\", \"cloud\": \"AWS\", \"region\": \"us-east-2\",
  \"config\": {\"kind\": \"Basic\"}, \"environment\": {\"id\": \"$environment\"}}}" | json .id)
echo "cluster          $cluster"

describe() { cloud GET "/cmk/v2/clusters/$cluster?environment=$environment"; }
is_provisioned() { [ "$(describe | json .status.phase)" = PROVISIONED ]; }
until_works 'the cluster is not ready' is_provisioned
echo "bootstrap        $(describe | json .spec.kafka_bootstrap_endpoint)"

# A key of the administrator, who owns the Cloud API key too. A key of the service account can do
# nothing until it is given rights.
owner=$(cloud GET "/iam/v2/api-keys/$cloud_key" | json .spec.owner.id)
created=$(cloud POST /iam/v2/api-keys "{\"spec\": {\"owner\": {\"id\": \"$owner\"}, \"resource\": {\"id\": \"$cluster\"}}}")
key=$(echo "$created" | json .id)
echo "key              $key"

login="$key:$(echo "$created" | json .spec.secret)"
topics="$(describe | json .spec.http_endpoint)/kafka/v3/clusters/$cluster/topics"
until_works 'the brokers do not accept the key' call "$login" GET "$topics"
call "$login" POST "$topics" '{"topic_name": "orders", "partitions_count": 3}' > /dev/null
echo "topics           $(call "$login" GET "$topics" | json '.data.map((topic) => topic.topic_name).join(" ")')"
