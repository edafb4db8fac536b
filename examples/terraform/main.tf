# An environment with a service account, a Kafka cluster and a key for it, made in an installation of
# Tributary by the provider that was written for Confluent Cloud.
terraform {
  required_version = ">= 1.3"
  required_providers {
    confluent = {
      source  = "confluentinc/confluent"
      version = "~> 2.0"
    }
  }
}

provider "confluent" {
  endpoint         = var.endpoint
  cloud_api_key    = var.cloud_api_key
  cloud_api_secret = var.cloud_api_secret
}

resource "confluent_environment" "staging" {
  display_name = var.name
  # No stream_governance block: there is no Schema Registry yet.
}

resource "confluent_service_account" "orders" {
  display_name = "${var.name}-orders"
  description  = "The orders application"
}

resource "confluent_kafka_cluster" "events" {
  display_name = "events"
  availability = "SINGLE_ZONE"
  cloud        = "AWS"
  region       = "us-east-2"
  basic {}

  environment {
    id = confluent_environment.staging.id
  }
}

resource "confluent_api_key" "orders" {
  display_name = "orders"
  owner {
    id          = confluent_service_account.orders.id
    api_version = confluent_service_account.orders.api_version
    kind        = confluent_service_account.orders.kind
  }
  managed_resource {
    id          = confluent_kafka_cluster.events.id
    api_version = confluent_kafka_cluster.events.api_version
    kind        = confluent_kafka_cluster.events.kind
    environment {
      id = confluent_environment.staging.id
    }
  }
}
