-- Service quotas: how much of something an organization, environment or cluster may have.
--
-- Triggers count, at the end of the statement that makes or deletes, so no statement gets past them and
-- one that fails for another reason counts nothing. Adding to a counter takes its row's lock and reads its
-- newest value: of 200 at once, exactly as many pass as there is room for, and nothing is ever counted anew.
-- Only an addition past the limit is refused. A limit may be set below what is used; deletions then still work.
-- Counters are locked after everything else, and those of one trigger in their order.

CREATE TABLE service_quotas (
  id             text     NOT NULL,
  scope          text     NOT NULL,
  display_name   text     NOT NULL,
  default_limit  integer  NOT NULL,
  CONSTRAINT service_quotas_pkey PRIMARY KEY (id),
  CONSTRAINT service_quotas_scope_check CHECK (scope IN ('ORGANIZATION', 'ENVIRONMENT', 'KAFKA_CLUSTER'))
);
INSERT INTO service_quotas (id, scope, display_name, default_limit) VALUES
  ('iam.max_environments.per_org',                 'ORGANIZATION',  'Max Environments Per Organization',                           1000),
  ('iam.max_service_accounts.per_org',             'ORGANIZATION',  'Max Service Accounts Per Organization',                      10000),
  ('iam.max_users.per_org',                        'ORGANIZATION',  'Max Users Per Organization',                                 10000),
  ('iam.max_cloud_api_keys.per_org',               'ORGANIZATION',  'Max Cloud API Keys Per Organization',                        10000),
  ('iam.max_rbac_role_bindings_all_roles.per_org', 'ORGANIZATION',  'Max RBAC Rolebindings allowed on an individual organization', 250000),
  ('iam.max_kafka_clusters.per_org',               'ORGANIZATION',  'Max Kafka Clusters Per Organization',                         1000),
  ('kafka.max_kafka_clusters.per_env',             'ENVIRONMENT',   'Max Kafka Clusters Per Environment',                           100),
  ('kafka.max_api_keys.per_cluster',               'KAFKA_CLUSTER', 'Max API Keys Per Kafka Cluster',                             10000),
  ('kafka.max_partitions.per_cluster',             'KAFKA_CLUSTER', 'Max Partitions Per Kafka Cluster',                            4096);
GRANT SELECT ON service_quotas TO tributary_api, tributary_worker;

-- Made with the first use, or with the first limit that is not the default.
CREATE TABLE applied_service_quotas (
  organization_id  uuid     NOT NULL,
  quota_id         text     NOT NULL,
  -- The organization, environment or cluster.
  scope_id         text     NOT NULL,
  used             integer  NOT NULL DEFAULT 0,
  -- NULL for the default.
  applied_limit    integer,
  CONSTRAINT applied_service_quotas_pkey PRIMARY KEY (organization_id, quota_id, scope_id),
  CONSTRAINT applied_service_quotas_quota_id_fkey FOREIGN KEY (quota_id) REFERENCES service_quotas (id)
);
GRANT SELECT, INSERT, UPDATE ON applied_service_quotas TO tributary_api, tributary_worker;
ALTER TABLE applied_service_quotas ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON applied_service_quotas TO tributary_api USING (organization_id = current_organization());
CREATE POLICY every_organization ON applied_service_quotas TO tributary_worker USING (true);

CREATE FUNCTION use_service_quota(tenant uuid, quota text, scope text, amount integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now_used integer;
  own_limit integer;
  definition service_quotas;
BEGIN
  INSERT INTO applied_service_quotas AS applied (organization_id, quota_id, scope_id, used)
  VALUES (tenant, quota, scope, amount)
  ON CONFLICT (organization_id, quota_id, scope_id) DO UPDATE SET used = applied.used + excluded.used
  RETURNING used, applied_limit INTO now_used, own_limit;
  SELECT * INTO STRICT definition FROM service_quotas WHERE id = quota;
  IF amount > 0 AND now_used > coalesce(own_limit, definition.default_limit) THEN
    RAISE EXCEPTION 'over the quota %', quota USING
      ERRCODE = 'check_violation', CONSTRAINT = 'applied_service_quotas_limit', DETAIL = json_build_object(
        'id', quota, 'display_name', definition.display_name, 'limit', coalesce(own_limit, definition.default_limit));
  END IF;
END $$;

-- Counts the rows of a table that meet a condition, each for the scope that a column names: what there is now,
-- and by triggers what comes and goes. Their functions are written out, so that their plans are kept.
CREATE PROCEDURE enforce_service_quota(quota text, counted regclass, scope_column text, condition text) LANGUAGE plpgsql AS $$
DECLARE
  event record;
  trigger_name text;
BEGIN
  FOR event IN SELECT * FROM (VALUES
    ('INSERT', 'NEW TABLE AS added', 'SELECT 1 AS change, * FROM added'),
    ('DELETE', 'OLD TABLE AS removed', 'SELECT -1 AS change, * FROM removed'),
    ('UPDATE', 'OLD TABLE AS removed NEW TABLE AS added',
      'SELECT 1 AS change, * FROM added UNION ALL SELECT -1, * FROM removed')
  ) AS events (name, tables, changes)
  LOOP
    trigger_name := translate(quota, '.', '_') || '_' || lower(event.name);
    EXECUTE format(
      'CREATE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN
         PERFORM use_service_quota(organization_id, %L, scope, amount) FROM (
           SELECT organization_id, %I::text AS scope, sum(change)::integer AS amount FROM (%s) AS changed
           WHERE %s GROUP BY 1, 2 HAVING sum(change) <> 0 ORDER BY 1, 2) AS counted;
         RETURN NULL;
       END $body$', trigger_name, quota, scope_column, event.changes, condition);
    EXECUTE format(
      'CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %1$I()',
      trigger_name, event.name, counted, event.tables);
  END LOOP;
  EXECUTE format(
    'INSERT INTO applied_service_quotas (organization_id, quota_id, scope_id, used)
     SELECT organization_id, %L, %I, count(*) FROM %s WHERE %s GROUP BY 1, 3', quota, scope_column, counted, condition);
END $$;

CALL enforce_service_quota('iam.max_environments.per_org', 'environments', 'organization_id', 'deleted_at IS NULL');
CALL enforce_service_quota('iam.max_service_accounts.per_org', 'service_accounts', 'organization_id', 'deleted_at IS NULL');
CALL enforce_service_quota('iam.max_users.per_org', 'users', 'organization_id', 'deleted_at IS NULL');
CALL enforce_service_quota('iam.max_cloud_api_keys.per_org', 'api_keys', 'organization_id',
  'deleted_at IS NULL AND resource_id IS NULL');
CALL enforce_service_quota('iam.max_rbac_role_bindings_all_roles.per_org', 'role_bindings', 'organization_id', 'deleted_at IS NULL');
CALL enforce_service_quota('iam.max_kafka_clusters.per_org', 'kafka_clusters', 'organization_id', 'deleted_at IS NULL');
CALL enforce_service_quota('kafka.max_kafka_clusters.per_env', 'kafka_clusters', 'environment_id', 'deleted_at IS NULL');
CALL enforce_service_quota('kafka.max_api_keys.per_cluster', 'api_keys', 'resource_id',
  'deleted_at IS NULL AND resource_id IS NOT NULL');

-- Partitions are no rows yet: whoever makes or deletes topics says how many, in the commit of the change.
-- Of a cluster that the caller may not see, nothing is counted.
CREATE FUNCTION reserve_partitions(cluster text, partitions integer) RETURNS void LANGUAGE sql AS
$$ SELECT use_service_quota(organization_id, 'kafka.max_partitions.per_cluster', id, partitions) FROM kafka_clusters WHERE id = cluster $$;
CREATE FUNCTION give_back_partitions(cluster text, partitions integer) RETURNS void LANGUAGE sql AS
$$ SELECT use_service_quota(organization_id, 'kafka.max_partitions.per_cluster', id, -partitions) FROM kafka_clusters WHERE id = cluster $$;
