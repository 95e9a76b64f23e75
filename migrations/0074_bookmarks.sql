CREATE TABLE "bookmarks" (
  "user_id" uuid NOT NULL,
  "conversation_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "tenant_id" uuid NOT NULL,
  "note" text,
  "created_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "bookmarks_conversation_id_seq_user_id_pk" PRIMARY KEY ("conversation_id", "seq", "user_id")
);
--> statement-breakpoint
CREATE INDEX "bookmarks_of_user" ON "bookmarks" USING btree ("user_id", "created_at" DESC, "conversation_id" DESC, "seq" DESC);
