-- Work to be done later, and what recurs. The indexes hold what is to be looked at, never what is done: done jobs are gone.
CREATE TABLE "jobs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"priority" smallint DEFAULT 1 NOT NULL,
	"run_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ready" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease" uuid,
	"dead" boolean DEFAULT false NOT NULL,
	"last_error" text,
	"key" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
--> statement-breakpoint
CREATE INDEX "jobs_ready" ON "jobs" USING btree ("tenant_id","priority","id") WHERE ready;
--> statement-breakpoint
CREATE INDEX "jobs_waiting" ON "jobs" USING btree ("run_at") WHERE not ready and not dead;
--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_key" ON "jobs" USING btree ("kind","key") WHERE key is not null and not dead;
--> statement-breakpoint
CREATE TABLE "schedules" (
	"name" text PRIMARY KEY NOT NULL,
	"cron" text NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL
);
