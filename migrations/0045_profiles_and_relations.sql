CREATE TABLE "user_profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"avatar" text,
	"bio" text,
	"locale" text,
	"time_zone" text,
	"status_text" text,
	"status_emoji" text,
	"status_until" timestamp (3) with time zone,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "user_profiles_of_user" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE "profile_fields" (
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"label" text NOT NULL,
	"type" text NOT NULL,
	"visible_to" text NOT NULL,
	CONSTRAINT "profile_fields_tenant_id_name_pk" PRIMARY KEY("tenant_id","name"),
	CONSTRAINT "profile_fields_type" CHECK ("profile_fields"."type" in ('text', 'number', 'boolean', 'date', 'url')),
	CONSTRAINT "profile_fields_visible_to" CHECK ("profile_fields"."visible_to" in ('everyone', 'self', 'backend'))
);
--> statement-breakpoint
CREATE TABLE "user_blocks" (
	"user_id" uuid NOT NULL,
	"blocked_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_blocks_user_id_blocked_id_pk" PRIMARY KEY("user_id","blocked_id")
);
--> statement-breakpoint
CREATE INDEX "user_blocks_of_blocked" ON "user_blocks" USING btree ("blocked_id","user_id");
--> statement-breakpoint
CREATE TABLE "user_follows" (
	"user_id" uuid NOT NULL,
	"followed_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_follows_user_id_followed_id_pk" PRIMARY KEY("user_id","followed_id")
);
--> statement-breakpoint
CREATE INDEX "user_follows_of_followed" ON "user_follows" USING btree ("followed_id","user_id");
--> statement-breakpoint
CREATE TABLE "follow_counts" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"followers" bigint DEFAULT 0 NOT NULL,
	"following" bigint DEFAULT 0 NOT NULL
);
