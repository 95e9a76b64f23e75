-- A user's conversations are listed by activity. What sorts them stands on the membership, so that a page is a range of an
-- index; a background task raises it now and then, not with every message (`write/activity.ts`), and the list puts the
-- exact order into the pieces that it reads (`read/conversation-order.ts`).
--
-- The column needs no rewrite. On an installation with very many memberships make the index before the migration, with
-- CREATE INDEX CONCURRENTLY after the same ALTER TABLE, so that nothing waits while it is built; both are skipped then.
ALTER TABLE "participants" ADD COLUMN IF NOT EXISTS "active_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "participants_by_activity" ON "participants" USING btree ("user_id","active_at" DESC,"conversation_id" DESC);
