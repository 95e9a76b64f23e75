CREATE TABLE "reminders" (
  "user_id" uuid NOT NULL,
  "reminder_id" text NOT NULL,
  "tenant_id" uuid NOT NULL,
  "conversation_id" uuid,
  "seq" bigint,
  "note" text,
  "remind_at" timestamp (3) with time zone NOT NULL,
  "is_due" boolean NOT NULL DEFAULT false,
  "version" bigint NOT NULL DEFAULT 1,
  CONSTRAINT "reminders_user_id_reminder_id_pk" PRIMARY KEY ("user_id", "reminder_id"),
  CONSTRAINT "reminders_of_something" CHECK ((conversation_id IS NULL) = (seq IS NULL) AND (seq IS NOT NULL OR note IS NOT NULL))
);
--> statement-breakpoint
CREATE INDEX "reminders_of_user" ON "reminders" USING btree ("user_id", "remind_at", "reminder_id");
--> statement-breakpoint
CREATE INDEX "reminders_of_conversation" ON "reminders" USING btree ("conversation_id") WHERE conversation_id IS NOT NULL;
