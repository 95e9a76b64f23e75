-- no transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "scim_users_external_id" ON "scim_users" USING btree ("tenant_id",("attributes" ->> 'externalId'));
