-- Two roles, neither owner nor superuser. `tributary_api` sees the rows of the organization that its
-- session names and none when it names none; `tributary_worker` carries out what was committed, for all.
-- Roles belong to the whole server: another database of it may have made them already.
DO $$
BEGIN
  CREATE ROLE tributary_api NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  CREATE ROLE tributary_worker NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT tributary_api, tributary_worker TO CURRENT_USER;

CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('tributary.organization', true), '')::uuid $$;

GRANT USAGE ON SCHEMA public TO tributary_api, tributary_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tributary_api, tributary_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tributary_api, tributary_worker;

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOR tenant_table IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'organization_id'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY own_organization ON %I TO tributary_api USING (organization_id = current_organization())',
      tenant_table);
    EXECUTE format('CREATE POLICY every_organization ON %I TO tributary_worker USING (true)', tenant_table);
  END LOOP;
END $$;

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON organizations TO tributary_api USING (id = current_organization());
CREATE POLICY every_organization ON organizations TO tributary_worker USING (true);

-- What must be known before the organization is: who a credential belongs to, and what it may do.
CREATE FUNCTION roles_of(tenant uuid, principal_id text) RETURNS text[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(array_agg(role_name), '{}') FROM role_bindings
   WHERE organization_id = tenant AND principal = 'User:' || principal_id AND deleted_at IS NULL $$;

CREATE FUNCTION find_api_key(key_id text)
  RETURNS TABLE (organization_id uuid, owner_id text, resource_id text, salt bytea, hash bytea, roles text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT organization_id, owner_id, resource_id, salt, hash, roles_of(organization_id, owner_id)
   FROM api_keys WHERE id = key_id AND deleted_at IS NULL $$;

CREATE FUNCTION find_user_by_email(address text)
  RETURNS TABLE (id text, organization_id uuid, password_hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT id, organization_id, password_hash FROM users WHERE lower(email) = lower(address) AND deleted_at IS NULL $$;

CREATE FUNCTION find_session_user(user_id text)
  RETURNS TABLE (organization_id uuid, roles text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT organization_id, roles_of(organization_id, id) FROM users WHERE id = user_id AND deleted_at IS NULL $$;
