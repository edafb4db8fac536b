-- Tokens grow over the life of the installation, not only of a row: a resource that was forgotten and
-- is asked for again never gets a token that somebody may still hold.
CREATE SEQUENCE lease_tokens;
GRANT USAGE ON SEQUENCE lease_tokens TO tributary_worker;
SELECT setval('lease_tokens', 1 + (SELECT coalesce(max(lease_token), 0) FROM resources), false);

-- NULL while a lease is held: what sets it meanwhile wants another look after this one.
ALTER TABLE resources ALTER COLUMN next_check_at DROP NOT NULL;

-- What a dead worker held.
CREATE INDEX resources_leased ON resources (lease_expires_at) WHERE lease_expires_at IS NOT NULL;

-- What is old enough to be pruned.
CREATE INDEX steps_age ON steps (started_at);
