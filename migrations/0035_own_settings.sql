ALTER TABLE "participants"
  ADD COLUMN "silent_until" timestamp (3) with time zone,
  ADD COLUMN "pinned" boolean DEFAULT false NOT NULL,
  ADD COLUMN "favourite" boolean DEFAULT false NOT NULL,
  ADD COLUMN "hidden_seq" bigint,
  ADD COLUMN "notify_level" text DEFAULT 'all' NOT NULL;
--> statement-breakpoint
ALTER TABLE "participants" ADD CONSTRAINT "participants_notify_level" CHECK (notify_level in ('all', 'mentions', 'none')) NOT VALID;
--> statement-breakpoint
CREATE TABLE "outbox_participants" (
  "id" bigint GENERATED ALWAYS AS IDENTITY,
  "tenant_id" uuid NOT NULL,
  "conversation_id" uuid NOT NULL,
  "event" text NOT NULL,
  "users" uuid[],
  "access" bigint NOT NULL,
  "created_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT "outbox_participants_pkey" PRIMARY KEY ("id", "conversation_id")
);
--> statement-breakpoint
ALTER TABLE "outbox_participants" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0);
--> statement-breakpoint
CREATE TABLE "drafts" (
  "conversation_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "tenant_id" uuid NOT NULL,
  "body" json,
  "reply_to" bigint,
  "version" bigint NOT NULL,
  "updated_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "drafts_pkey" PRIMARY KEY ("conversation_id", "user_id"),
  CONSTRAINT "drafts_of_participant" FOREIGN KEY ("conversation_id", "user_id")
    REFERENCES "participants" ("conversation_id", "user_id") ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX "drafts_of_user" ON "drafts" USING btree ("user_id", "version" DESC, "conversation_id" DESC) WHERE body is not null;
