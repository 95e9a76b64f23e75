-- Limits in place of a plan's, and what is metered beside messages.
ALTER TABLE "tenants" ADD COLUMN "limits" jsonb DEFAULT '{}'::jsonb NOT NULL;
--> statement-breakpoint
ALTER TABLE "usage_daily" ADD COLUMN "active_users" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "usage_daily" ADD COLUMN "users" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "usage_daily" ADD COLUMN "peak_connections" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "usage_daily" ADD COLUMN "storage_bytes" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
CREATE TABLE "usage_active" (
	"tenant_id" uuid NOT NULL,
	"span" text NOT NULL,
	"since" date NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "usage_active_tenant_id_span_since_user_id_pk" PRIMARY KEY("tenant_id","span","since","user_id")
);
--> statement-breakpoint
CREATE TABLE "usage_months" (
	"tenant_id" uuid NOT NULL,
	"month" date NOT NULL,
	"plan" text,
	"limits" jsonb,
	"active_users" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "usage_months_tenant_id_month_pk" PRIMARY KEY("tenant_id","month")
);
--> statement-breakpoint
CREATE TABLE "usage_notices" (
	"tenant_id" uuid NOT NULL,
	"month" date NOT NULL,
	"resource" text NOT NULL,
	"percent" integer NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_notices_tenant_id_month_resource_percent_pk" PRIMARY KEY("tenant_id","month","resource","percent")
);
--> statement-breakpoint
CREATE TABLE "usage_connections" (
	"tenant_id" uuid NOT NULL,
	"gateway" text NOT NULL,
	"connections" bigint NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "usage_connections_tenant_id_gateway_pk" PRIMARY KEY("tenant_id","gateway")
);
