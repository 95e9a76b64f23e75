-- Users are found by a part of a name. The index needs an extension that PostgreSQL brings along but not every role may
-- create: without it the search looks at every name of its tenant, within the bounds that it has anyway. Create the
-- extension and run the second block by hand to have it later. Providers refuse it in ways of their own, so that any refusal
-- will do; one that is there is not asked for again, since some refuse that, too.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
    CREATE EXTENSION pg_trgm;
  END IF;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'pg_trgm is not to be had: users are searched without an index';
END
$$;
--> statement-breakpoint
DO $$
DECLARE
  home name := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm');
BEGIN
  IF home IS NOT NULL THEN
    EXECUTE format(
      'CREATE INDEX IF NOT EXISTS users_names ON users USING gin (lower(display_name) %1$I.gin_trgm_ops, lower(external_id) %1$I.gin_trgm_ops)',
      home
    );
  END IF;
END
$$;
