output "bootstrap_endpoint" {
  value = confluent_kafka_cluster.events.bootstrap_endpoint
}

output "rest_endpoint" {
  value = confluent_kafka_cluster.events.rest_endpoint
}

output "api_key" {
  value = confluent_api_key.orders.id
}

output "api_secret" {
  value     = confluent_api_key.orders.secret
  sensitive = true
}
