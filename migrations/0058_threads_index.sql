-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_of_thread" ON "messages" USING btree ("conversation_id", "thread_root", "seq") WHERE "thread_root" IS NOT NULL;
