-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_pinned" ON "messages" USING btree ("conversation_id", "pinned_at" DESC) WHERE pinned_at is not null;
