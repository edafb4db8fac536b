-- Revisions of what brokers know of keys and grants: one sequence for the installation, above every number that was
-- ever published. It is read while the cluster's row in `resources` is locked, so each cluster's grow as they commit.
CREATE SEQUENCE access_revisions;
SELECT setval('access_revisions', 1 + greatest(
  (SELECT coalesce(max(generation), 0) FROM resources),
  (SELECT coalesce(max(revision), 0) FROM api_keys),
  (SELECT coalesce(max(published_revision), 0) FROM access_publications)), false);
GRANT USAGE ON SEQUENCE access_revisions TO tributary_api;
-- The worker raises it over what a topic holds that is ahead of its database: one that was restored from a backup.
GRANT USAGE, UPDATE ON SEQUENCE access_revisions TO tributary_worker;

-- Published bindings carried the generation of their publication, which is below these.
ALTER TABLE role_bindings ADD COLUMN revision bigint NOT NULL DEFAULT 0;
UPDATE role_bindings SET revision = nextval('access_revisions');
CREATE INDEX role_bindings_revision ON role_bindings (organization_id, revision);

ALTER TABLE api_keys ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz;
CREATE INDEX api_keys_expiry ON api_keys (resource_id, expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;

ALTER TABLE access_publications
  -- The generation of access that was published last, and the highest revision that ever was; -1 before the first.
  ADD COLUMN published_generation bigint NOT NULL DEFAULT -1,
  -- When the topic was last compared with these tables.
  ADD COLUMN verified_at timestamptz,
  -- Somebody asked that everything be published again; NULL once it was.
  ADD COLUMN republish_requested_at timestamptz;

-- Records have another form from now on: everything is published again.
UPDATE access_publications SET published_revision = -1;
UPDATE resources SET next_check_at = now(), failures = 0 WHERE kind = 'kafka-access';
