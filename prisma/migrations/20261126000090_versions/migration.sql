-- How often a row was changed by its users: what an ETag says of it, and what the statement that changes it compares with
-- an If-Match. What is only observed, such as a cluster's phase, leaves it as it is.
ALTER TABLE organizations    ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE users            ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE service_accounts ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE environments     ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE role_bindings    ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE kafka_clusters   ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE api_keys         ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE client_quotas    ADD COLUMN version bigint NOT NULL DEFAULT 1;
-- Of its limit: 0 while that was never set.
ALTER TABLE applied_service_quotas ADD COLUMN version bigint NOT NULL DEFAULT 0;
