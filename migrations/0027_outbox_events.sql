CREATE TABLE "outbox_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"topic" text NOT NULL,
	"tenant_id" uuid NOT NULL,
	"about" uuid NOT NULL,
	"users" uuid[],
	"payload" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"writer_pid" integer DEFAULT pg_backend_pid(),
	CONSTRAINT "outbox_events_topic" CHECK ("outbox_events"."topic" in ('conversation', 'users', 'tenant')),
	CONSTRAINT "outbox_events_users" CHECK (("outbox_events"."topic" = 'users') = ("outbox_events"."users" is not null))
);
--> statement-breakpoint
CREATE INDEX "outbox_events_about" ON "outbox_events" USING btree ("about","topic","id");
--> statement-breakpoint
ALTER TABLE "outbox_events" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0);
