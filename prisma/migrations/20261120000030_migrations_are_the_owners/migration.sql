-- The programs read which migrations were applied; only the owner of the schema says so.
-- (A database in which the migrations are only tried out has no such table.)
DO $$
BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM tributary_api, tributary_worker;
  END IF;
END $$;
