-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_by_activity" ON "participants" USING btree ("user_id","active_at" DESC,"conversation_id" DESC);
