-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "participants_by_joining" ON "participants" USING btree ("user_id","joined_at" DESC);
