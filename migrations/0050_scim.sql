CREATE TABLE "scim_users" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"name_key" text NOT NULL,
	"email_key" text,
	"attributes" jsonb NOT NULL,
	"active" boolean NOT NULL,
	"role_given" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scim_users_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "scim_users_name" UNIQUE("tenant_id","name_key")
);
--> statement-breakpoint
CREATE TABLE "scim_groups" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"display_name" text NOT NULL,
	"external_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scim_groups_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "scim_groups_name" UNIQUE("tenant_id","display_name")
);
--> statement-breakpoint
CREATE TABLE "scim_members" (
	"tenant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "scim_members_tenant_id_group_id_user_id_pk" PRIMARY KEY("tenant_id","group_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "scim_settings" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"roles" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "scim_users_email" ON "scim_users" USING btree ("tenant_id","email_key");--> statement-breakpoint
CREATE INDEX "scim_members_of_user" ON "scim_members" USING btree ("tenant_id","user_id");
