-- Who is signed in. A token names its session, so signing out ends the token before it expires.
CREATE TABLE sessions (
  id               uuid         NOT NULL,
  organization_id  uuid         NOT NULL,
  user_id          text         NOT NULL,
  created_at       timestamptz  NOT NULL DEFAULT now(),
  expires_at       timestamptz  NOT NULL,
  ended_at         timestamptz,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX sessions_user ON sessions (user_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO tributary_api, tributary_worker;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON sessions TO tributary_api USING (organization_id = current_organization());
CREATE POLICY every_organization ON sessions TO tributary_worker USING (true);

-- A token is looked up by its session now.
DROP FUNCTION find_session_user(text);

CREATE FUNCTION find_session(session_id uuid)
  RETURNS TABLE (organization_id uuid, user_id text, roles text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT users.organization_id, users.id, roles_of(users.organization_id, users.id)
   FROM sessions JOIN users ON users.id = sessions.user_id AND users.deleted_at IS NULL
   WHERE sessions.id = session_id AND sessions.ended_at IS NULL AND sessions.expires_at > now() $$;
