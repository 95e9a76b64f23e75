-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "jobs_dead" ON "jobs" USING btree ("id") WHERE dead;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "sagas_newest" ON "sagas" USING btree ("created_at" DESC,"id" DESC);
