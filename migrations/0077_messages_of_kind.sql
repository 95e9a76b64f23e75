-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_of_kind" ON "messages" USING btree ("conversation_id", "kind", "seq") WHERE "kind" <> 'text';
