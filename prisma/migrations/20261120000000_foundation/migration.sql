-- The desired state of everything, what was observed of it, and what is still to be done about it.
-- Rows of deleted resources stay: an id is never used again.

CREATE TABLE organizations (
  id                uuid         NOT NULL,
  number            serial       NOT NULL,
  display_name      text         NOT NULL,
  jit_enabled       boolean      NOT NULL DEFAULT false,
  wrapped_data_key  bytea        NOT NULL,
  created_at        timestamptz  NOT NULL DEFAULT now(),
  updated_at        timestamptz  NOT NULL DEFAULT now(),
  CONSTRAINT organizations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX organizations_number_key ON organizations (number);

CREATE TABLE users (
  id               text         NOT NULL,
  number           serial       NOT NULL,
  organization_id  uuid         NOT NULL,
  email            text         NOT NULL,
  full_name        text         NOT NULL,
  password_hash    text,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  updated_at       timestamptz  NOT NULL DEFAULT now(),
  deleted_at       timestamptz,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE UNIQUE INDEX users_number_key ON users (number);
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX users_page ON users (organization_id, id) WHERE deleted_at IS NULL;

CREATE TABLE service_accounts (
  id               text         NOT NULL,
  number           serial       NOT NULL,
  organization_id  uuid         NOT NULL,
  display_name     text         NOT NULL,
  description      text         NOT NULL,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  updated_at       timestamptz  NOT NULL DEFAULT now(),
  deleted_at       timestamptz,
  CONSTRAINT service_accounts_pkey PRIMARY KEY (id),
  CONSTRAINT service_accounts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE UNIQUE INDEX service_accounts_number_key ON service_accounts (number);
CREATE UNIQUE INDEX service_accounts_display_name_key ON service_accounts (organization_id, display_name) WHERE deleted_at IS NULL;
CREATE INDEX service_accounts_page ON service_accounts (organization_id, id) WHERE deleted_at IS NULL;

CREATE TABLE environments (
  id               text         NOT NULL,
  organization_id  uuid         NOT NULL,
  display_name     text         NOT NULL,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  updated_at       timestamptz  NOT NULL DEFAULT now(),
  deleted_at       timestamptz,
  CONSTRAINT environments_pkey PRIMARY KEY (id),
  CONSTRAINT environments_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE UNIQUE INDEX environments_display_name_key ON environments (organization_id, display_name) WHERE deleted_at IS NULL;
CREATE INDEX environments_page ON environments (organization_id, id) WHERE deleted_at IS NULL;

CREATE TABLE role_bindings (
  id               text         NOT NULL,
  organization_id  uuid         NOT NULL,
  principal        text         NOT NULL,
  role_name        text         NOT NULL,
  crn_pattern      text         NOT NULL,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  deleted_at       timestamptz,
  CONSTRAINT role_bindings_pkey PRIMARY KEY (id),
  CONSTRAINT role_bindings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE UNIQUE INDEX role_bindings_grant_key ON role_bindings (organization_id, principal, role_name, crn_pattern) WHERE deleted_at IS NULL;

CREATE TABLE kafka_clusters (
  id                   text         NOT NULL,
  organization_id      uuid         NOT NULL,
  environment_id       text         NOT NULL,
  display_name         text         NOT NULL,
  availability         text         NOT NULL,
  cloud                text         NOT NULL,
  region               text         NOT NULL,
  type                 text         NOT NULL,
  cku                  integer,
  max_ecku             integer,
  deletion_protection  boolean      NOT NULL DEFAULT false,
  phase                text         NOT NULL DEFAULT 'PROVISIONING',
  provisioned_cku      integer,
  bootstrap_endpoint   text,
  created_at           timestamptz  NOT NULL DEFAULT now(),
  updated_at           timestamptz  NOT NULL DEFAULT now(),
  deleted_at           timestamptz,
  CONSTRAINT kafka_clusters_pkey PRIMARY KEY (id),
  CONSTRAINT kafka_clusters_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id),
  CONSTRAINT kafka_clusters_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES environments (id)
);
CREATE UNIQUE INDEX kafka_clusters_display_name_key ON kafka_clusters (environment_id, display_name) WHERE deleted_at IS NULL;
CREATE INDEX kafka_clusters_page ON kafka_clusters (organization_id, environment_id, id) WHERE deleted_at IS NULL;

-- What a cluster is made of, decided once: identities, addresses, its own certificate authority.
CREATE TABLE kafka_cluster_formations (
  cluster_id             text         NOT NULL,
  organization_id        uuid         NOT NULL,
  state                  text         NOT NULL,
  kafka_cluster_id       text         NOT NULL,
  authority_certificate  text         NOT NULL,
  sealed_authority_key   bytea        NOT NULL,
  formed_at              timestamptz,
  CONSTRAINT kafka_cluster_formations_pkey PRIMARY KEY (cluster_id),
  CONSTRAINT kafka_cluster_formations_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES kafka_clusters (id)
);

CREATE TABLE kafka_brokers (
  cluster_id       text     NOT NULL,
  broker_id        integer  NOT NULL,
  organization_id  uuid     NOT NULL,
  zone             text     NOT NULL,
  directory_id     text     NOT NULL,
  endpoints        jsonb    NOT NULL,
  CONSTRAINT kafka_brokers_pkey PRIMARY KEY (cluster_id, broker_id),
  CONSTRAINT kafka_brokers_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES kafka_clusters (id)
);

CREATE TABLE api_keys (
  id               text         NOT NULL,
  organization_id  uuid         NOT NULL,
  owner_id         text         NOT NULL,
  -- A cloud key has no resource.
  resource_id      text,
  display_name     text         NOT NULL,
  description      text         NOT NULL,
  salt             bytea        NOT NULL,
  hash             bytea        NOT NULL,
  -- Of the access publication in which this key last changed; 0 for a cloud key.
  revision         bigint       NOT NULL DEFAULT 0,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  updated_at       timestamptz  NOT NULL DEFAULT now(),
  deleted_at       timestamptz,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id)
);
CREATE INDEX api_keys_page ON api_keys (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_owner ON api_keys (owner_id) WHERE deleted_at IS NULL;
CREATE INDEX api_keys_revision ON api_keys (resource_id, revision) WHERE resource_id IS NOT NULL;

-- How far each cluster's access topic has followed its keys and grants.
CREATE TABLE access_publications (
  cluster_id          text    NOT NULL,
  organization_id     uuid    NOT NULL,
  published_revision  bigint  NOT NULL DEFAULT -1,
  CONSTRAINT access_publications_pkey PRIMARY KEY (cluster_id),
  CONSTRAINT access_publications_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES kafka_clusters (id)
);

-- The engine's side of every resource that a reconciler looks after.
CREATE TABLE resources (
  kind                 text         NOT NULL,
  id                   text         NOT NULL,
  organization_id      uuid         NOT NULL,
  generation           bigint       NOT NULL DEFAULT 1,
  observed_generation  bigint       NOT NULL DEFAULT 0,
  conditions           jsonb        NOT NULL DEFAULT '[]',
  failures             integer      NOT NULL DEFAULT 0,
  next_check_at        timestamptz  NOT NULL DEFAULT now(),
  lease_token          bigint       NOT NULL DEFAULT 0,
  lease_holder         text,
  lease_expires_at     timestamptz,
  CONSTRAINT resources_pkey PRIMARY KEY (kind, id)
);
CREATE INDEX resources_due ON resources (next_check_at);

CREATE TABLE steps (
  sequence         bigserial    NOT NULL,
  kind             text         NOT NULL,
  resource_id      text         NOT NULL,
  organization_id  uuid         NOT NULL,
  generation       bigint       NOT NULL,
  name             text         NOT NULL,
  status           text         NOT NULL,
  attempts         integer      NOT NULL DEFAULT 1,
  started_at       timestamptz  NOT NULL DEFAULT now(),
  finished_at      timestamptz,
  progress         jsonb,
  error            jsonb,
  CONSTRAINT steps_pkey PRIMARY KEY (sequence)
);
CREATE INDEX steps_page ON steps (organization_id, resource_id, sequence DESC);

CREATE TABLE outbox (
  sequence     bigserial    NOT NULL,
  kind         text         NOT NULL,
  resource_id  text         NOT NULL,
  created_at   timestamptz  NOT NULL DEFAULT now(),
  CONSTRAINT outbox_pkey PRIMARY KEY (sequence)
);

CREATE FUNCTION ring_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_ring AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION ring_outbox();

CREATE TABLE audit_events (
  sequence         bigserial    NOT NULL,
  organization_id  uuid         NOT NULL,
  occurred_at      timestamptz  NOT NULL DEFAULT now(),
  request_id       text         NOT NULL,
  principal        text         NOT NULL,
  operation        text         NOT NULL,
  resource_id      text         NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (sequence)
);
CREATE INDEX audit_events_page ON audit_events (organization_id, sequence DESC);

-- Answers to repeat for 24 hours, sealed under the Idempotency-Key of which only a hash is kept.
CREATE TABLE idempotency_records (
  organization_id  uuid         NOT NULL,
  principal        text         NOT NULL,
  key_hash         bytea        NOT NULL,
  request_hash     bytea        NOT NULL,
  sealed_answer    bytea,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_records_pkey PRIMARY KEY (organization_id, principal, key_hash)
);
CREATE INDEX idempotency_records_age ON idempotency_records (created_at);
