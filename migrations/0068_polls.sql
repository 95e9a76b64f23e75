ALTER TABLE "messages" ADD COLUMN "poll" json;
--> statement-breakpoint
CREATE TABLE "poll_votes" (
  "conversation_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "user_id" uuid NOT NULL,
  "option" text NOT NULL,
  "tenant_id" uuid NOT NULL,
  "created_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "poll_votes_conversation_id_seq_user_id_option_pk" PRIMARY KEY ("conversation_id", "seq", "user_id", "option"),
  CONSTRAINT "poll_votes_of_message" FOREIGN KEY ("conversation_id", "seq")
    REFERENCES "messages" ("conversation_id", "seq") ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX "poll_votes_listed" ON "poll_votes" USING btree ("conversation_id", "seq", "created_at", "user_id", "option");
