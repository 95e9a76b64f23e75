-- The end of a key, and the one that rotation gave in its place. Versions before know neither: to them a key that has ended still works.
ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "replaced_by" uuid;
