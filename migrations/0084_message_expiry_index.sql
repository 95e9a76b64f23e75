-- no transaction
-- Messages that are to expire, by tenant, so that the many of one do not keep those of others waiting.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_expiring" ON "messages" USING btree ("tenant_id", "expires_at")
  WHERE expires_at IS NOT NULL AND expired_at IS NULL;
