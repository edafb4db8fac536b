-- Up to where the brokers' topic of key usage was read.
ALTER TABLE access_publications ADD COLUMN usage_offset bigint NOT NULL DEFAULT 0;
