# An environment with a Kafka cluster, and what a team needs on it: topics, who may use them and how much, and keys.
# Made in an installation of Tributary by the provider that was written for Confluent Cloud.
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

# What manages the cluster: it makes topics and ACLs with a key of its own.
resource "confluent_service_account" "manager" {
  display_name = "${var.name}-manager"
  description  = "Manages the cluster from Terraform"
}

resource "confluent_role_binding" "manager" {
  principal   = "User:${confluent_service_account.manager.id}"
  role_name   = "CloudClusterAdmin"
  crn_pattern = confluent_kafka_cluster.events.rbac_crn
}

resource "confluent_api_key" "manager" {
  display_name = "manager"
  owner {
    id          = confluent_service_account.manager.id
    api_version = confluent_service_account.manager.api_version
    kind        = confluent_service_account.manager.kind
  }
  managed_resource {
    id          = confluent_kafka_cluster.events.id
    api_version = confluent_kafka_cluster.events.api_version
    kind        = confluent_kafka_cluster.events.kind
    environment {
      id = confluent_environment.staging.id
    }
  }
  depends_on = [confluent_role_binding.manager]
}

resource "confluent_kafka_topic" "orders" {
  kafka_cluster {
    id = confluent_kafka_cluster.events.id
  }
  topic_name       = "orders"
  partitions_count = 3
  config = {
    "cleanup.policy" = "delete"
    "retention.ms"   = "604800000"
  }
  rest_endpoint = confluent_kafka_cluster.events.rest_endpoint
  credentials {
    key    = confluent_api_key.manager.id
    secret = confluent_api_key.manager.secret
  }
}

# The application writes what its roles let it, and reads by an ACL: both hold in the brokers.
resource "confluent_role_binding" "orders_write" {
  principal   = "User:${confluent_service_account.orders.id}"
  role_name   = "DeveloperWrite"
  crn_pattern = "${confluent_kafka_cluster.events.rbac_crn}/kafka=${confluent_kafka_cluster.events.id}/topic=${confluent_kafka_topic.orders.topic_name}"
}

resource "confluent_kafka_acl" "orders_read" {
  kafka_cluster {
    id = confluent_kafka_cluster.events.id
  }
  resource_type = "TOPIC"
  resource_name = confluent_kafka_topic.orders.topic_name
  pattern_type  = "LITERAL"
  principal     = "User:${confluent_service_account.orders.id}"
  host          = "*"
  operation     = "READ"
  permission    = "ALLOW"
  rest_endpoint = confluent_kafka_cluster.events.rest_endpoint
  credentials {
    key    = confluent_api_key.manager.id
    secret = confluent_api_key.manager.secret
  }
}

resource "confluent_role_binding" "orders_group" {
  principal   = "User:${confluent_service_account.orders.id}"
  role_name   = "DeveloperRead"
  crn_pattern = "${confluent_kafka_cluster.events.rbac_crn}/kafka=${confluent_kafka_cluster.events.id}/group=${var.name}-orders-*"
}

# At most 1 MiB a second in and 2 MiB out.
resource "confluent_kafka_client_quota" "orders" {
  display_name = "orders"
  description  = "The orders application"
  throughput {
    ingress_byte_rate = "1048576"
    egress_byte_rate  = "2097152"
  }
  principals = [confluent_service_account.orders.id]
  kafka_cluster {
    id = confluent_kafka_cluster.events.id
  }
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
