CREATE TABLE "scheduled_messages" (
  "conversation_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "mid" text NOT NULL,
  "tenant_id" uuid NOT NULL,
  "message" json NOT NULL,
  "send_at" timestamp (3) with time zone NOT NULL,
  "state" text NOT NULL DEFAULT 'waiting',
  "error" text,
  "version" bigint NOT NULL DEFAULT 1,
  CONSTRAINT "scheduled_messages_conversation_id_user_id_mid_pk" PRIMARY KEY ("conversation_id", "user_id", "mid"),
  CONSTRAINT "scheduled_messages_state" CHECK (state IN ('waiting', 'sending', 'failed'))
);
--> statement-breakpoint
CREATE INDEX "scheduled_messages_of_user" ON "scheduled_messages" USING btree ("user_id", "send_at", "conversation_id", "mid");
