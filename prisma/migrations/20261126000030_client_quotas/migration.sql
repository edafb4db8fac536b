-- What is desired inside a cluster's brokers: who may use how much of it, and settings of all its brokers.
-- The kind `kafka-configuration` carries it there.

CREATE TABLE client_quotas (
  id                 text         NOT NULL,
  organization_id    uuid         NOT NULL,
  cluster_id         text         NOT NULL,
  display_name       text         NOT NULL,
  description        text         NOT NULL,
  -- Bytes per second, for the whole cluster.
  ingress_byte_rate  bigint       NOT NULL,
  egress_byte_rate   bigint       NOT NULL,
  created_at         timestamptz  NOT NULL DEFAULT now(),
  updated_at         timestamptz  NOT NULL DEFAULT now(),
  deleted_at         timestamptz,
  CONSTRAINT client_quotas_pkey PRIMARY KEY (id),
  CONSTRAINT client_quotas_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES kafka_clusters (id)
);
CREATE INDEX client_quotas_page ON client_quotas (cluster_id, id) WHERE deleted_at IS NULL;

-- A principal has one quota in a cluster. They go with the quota, with the principal and with the cluster.
CREATE TABLE client_quota_principals (
  cluster_id       text     NOT NULL,
  -- A service account, or `<default>`: everyone who has no quota of their own.
  principal        text     NOT NULL,
  organization_id  uuid     NOT NULL,
  client_quota_id  text     NOT NULL,
  -- In the order in which they were named.
  position         integer  NOT NULL,
  CONSTRAINT client_quota_principals_pkey PRIMARY KEY (cluster_id, principal),
  CONSTRAINT client_quota_principals_client_quota_id_fkey FOREIGN KEY (client_quota_id) REFERENCES client_quotas (id)
);
CREATE INDEX client_quota_principals_quota ON client_quota_principals (client_quota_id);
CREATE INDEX client_quota_principals_principal ON client_quota_principals (principal);

CREATE TABLE kafka_broker_configs (
  cluster_id       text  NOT NULL,
  name             text  NOT NULL,
  organization_id  uuid  NOT NULL,
  value            text  NOT NULL,
  CONSTRAINT kafka_broker_configs_pkey PRIMARY KEY (cluster_id, name),
  CONSTRAINT kafka_broker_configs_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES kafka_clusters (id)
);

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['client_quotas', 'client_quota_principals', 'kafka_broker_configs']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO tributary_api, tributary_worker', tenant_table);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY own_organization ON %I TO tributary_api USING (organization_id = current_organization())',
      tenant_table);
    EXECUTE format('CREATE POLICY every_organization ON %I TO tributary_worker USING (true)', tenant_table);
  END LOOP;
END $$;

-- The clusters that there are get what new ones are made with.
INSERT INTO resources (kind, id, organization_id)
SELECT 'kafka-configuration', id, organization_id FROM kafka_clusters WHERE deleted_at IS NULL;
