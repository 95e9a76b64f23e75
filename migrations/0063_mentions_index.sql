-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "users_mention_name" ON "users" USING btree ("tenant_id", mention_name("search_name")) WHERE search_name IS NOT NULL;
