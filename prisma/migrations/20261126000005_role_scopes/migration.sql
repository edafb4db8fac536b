-- Roles are bound to places. The columns repeat what the CRN pattern says, for lists and for finding the
-- clusters that a binding concerns; the pattern stays as it was sent. Bindings made so far are the organization's.
ALTER TABLE role_bindings
  ADD COLUMN environment_id  text,
  ADD COLUMN cluster_id      text,
  ADD COLUMN updated_at      timestamptz NOT NULL DEFAULT now();
CREATE INDEX role_bindings_page ON role_bindings (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX role_bindings_place ON role_bindings (organization_id, environment_id, cluster_id) WHERE deleted_at IS NULL;

DROP FUNCTION find_api_key(text);
DROP FUNCTION find_session(uuid);
DROP FUNCTION roles_of(uuid, text);

-- Pairs of role and CRN pattern.
CREATE FUNCTION grants_of(tenant uuid, principal_id text) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT coalesce(jsonb_agg(jsonb_build_array(role_name, crn_pattern)), '[]') FROM role_bindings
   WHERE organization_id = tenant AND principal = 'User:' || principal_id AND deleted_at IS NULL $$;

CREATE FUNCTION find_api_key(key_id text)
  RETURNS TABLE (organization_id uuid, owner_id text, resource_id text, salt bytea, hash bytea, grants jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT organization_id, owner_id, resource_id, salt, hash, grants_of(organization_id, owner_id)
   FROM api_keys WHERE id = key_id AND deleted_at IS NULL $$;

CREATE FUNCTION find_session(session_id uuid)
  RETURNS TABLE (organization_id uuid, user_id text, grants jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT users.organization_id, users.id, grants_of(users.organization_id, users.id)
   FROM sessions JOIN users ON users.id = sessions.user_id AND users.deleted_at IS NULL
   WHERE sessions.id = session_id AND sessions.ended_at IS NULL AND sessions.expires_at > now() $$;
