-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "conversation_bans_of_user" ON "conversation_bans" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "kept_mutes_of_user" ON "kept_mutes" USING btree ("user_id");
