-- Tokens are revoked by number. `users.generation` counts the revocations of a user; a device has the count at its last
-- registration or revocation, and a token that was minted for it carries the same number. Tokens without a device carry
-- the user's count and end below `tokens_generation`. Tokens that somebody else signed carry no number: their time is
-- compared with `tokens_revoked_at` and `devices.revoked_at`, both by the clock of this server.
ALTER TABLE "users" ADD COLUMN "generation" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "tokens_generation" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "tokens_revoked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "generation" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- The `revoked_at` that came with a new `generation`: an older version, which runs for a while beside this one, sets the first alone.
ALTER TABLE "devices" ADD COLUMN "numbered_at" timestamp (3) with time zone;--> statement-breakpoint
-- The tenant's secret, encrypted with a key that is not in this database. Services read `jwt_secret` as long as there is one.
ALTER TABLE "tenants" ADD COLUMN "jwt_secret_sealed" text;--> statement-breakpoint
-- The names by which a user is found, without case, accents and width: written by the service. They count as long as
-- `search_of` is the display name: a row that an older version wrote or renamed is found by its names as they are.
ALTER TABLE "users" ADD COLUMN "search_name" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "search_of" text;--> statement-breakpoint
-- As in 0005: without the extension the search looks at every name of its tenant, within the bounds that it has anyway.
DO $$
DECLARE
  home name := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm');
BEGIN
  IF home IS NOT NULL THEN
    EXECUTE format(
      'CREATE INDEX IF NOT EXISTS users_search ON users USING gin (search_name %1$I.gin_trgm_ops) WHERE search_name IS NOT NULL',
      home
    );
  END IF;
END
$$;
