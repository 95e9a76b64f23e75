-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "usage_daily_by_day" ON "usage_daily" USING btree ("day","tenant_id");
