-- no transaction
CREATE TABLE IF NOT EXISTS "scim_former_users" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"name_key" text NOT NULL,
	"external_id" text,
	"deactivated" boolean NOT NULL,
	"removed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scim_former_users_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id")
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "scim_former_users_name" ON "scim_former_users" USING btree ("tenant_id","name_key");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "scim_users_external_id" ON "scim_users" USING btree ("tenant_id",("attributes" ->> 'externalId'));
