-- A key is refused from its expiry on, whether or not anyone has deleted it yet.
CREATE OR REPLACE FUNCTION find_api_key(key_id text)
  RETURNS TABLE (organization_id uuid, owner_id text, resource_id text, salt bytea, hash bytea, grants jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT organization_id, owner_id, resource_id, salt, hash, grants_of(organization_id, owner_id)
   FROM api_keys WHERE id = key_id AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) $$;

-- Keys that were used, of whatever organization: the one thing that is written about them without being asked.
CREATE FUNCTION touch_api_keys(key_ids text[]) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS
$$ UPDATE api_keys SET last_used_at = now() WHERE id = ANY(key_ids) $$;
