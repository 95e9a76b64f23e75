-- no transaction
ALTER TABLE "participants" VALIDATE CONSTRAINT "participants_notify_level";
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_pinned" ON "participants" USING btree ("user_id", "active_at" DESC, "conversation_id" DESC) WHERE pinned;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_favourite" ON "participants" USING btree ("user_id", "active_at" DESC, "conversation_id" DESC) WHERE favourite;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_hidden" ON "participants" USING btree ("user_id", "active_at" DESC, "conversation_id" DESC) WHERE hidden_seq is not null;
