-- A statement that adds nothing to the outbox rings for nothing: every settled look at a cluster is one.
CREATE OR REPLACE FUNCTION ring_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added) THEN
    PERFORM pg_notify('outbox', '');
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER outbox_ring ON outbox;
CREATE TRIGGER outbox_ring AFTER INSERT ON outbox
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ring_outbox();
