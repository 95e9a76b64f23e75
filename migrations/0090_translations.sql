CREATE TABLE "message_translations" (
  "conversation_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "language" text NOT NULL,
  "tenant_id" uuid NOT NULL,
  "text" text NOT NULL,
  "from_language" text,
  "created_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "message_translations_conversation_id_seq_language_pk" PRIMARY KEY ("conversation_id", "seq", "language"),
  CONSTRAINT "message_translations_of_message" FOREIGN KEY ("conversation_id", "seq")
    REFERENCES "messages" ("conversation_id", "seq") ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX "message_translations_created" ON "message_translations" USING btree ("created_at");
--> statement-breakpoint
-- Translations go in the statement that changes or takes away what the message says: by an edit, a recall, or because its
-- time is over. Who stores one holds the row of the message, so that none comes after.
CREATE FUNCTION forget_translations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_translations t WHERE t.conversation_id = NEW.conversation_id AND t.seq = NEW.seq;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER messages_translations AFTER UPDATE OF body ON messages FOR EACH ROW
  WHEN (OLD.body::text IS DISTINCT FROM NEW.body::text) EXECUTE FUNCTION forget_translations();
