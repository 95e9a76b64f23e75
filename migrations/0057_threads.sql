CREATE TABLE "threads" (
  "conversation_id" uuid NOT NULL,
  "root_seq" bigint NOT NULL,
  "tenant_id" uuid NOT NULL,
  "replies" bigint NOT NULL,
  "members" integer NOT NULL,
  "last_seq" bigint NOT NULL,
  "last_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "threads_conversation_id_root_seq_pk" PRIMARY KEY ("conversation_id", "root_seq")
) WITH (fillfactor = 80);
--> statement-breakpoint
CREATE TABLE "thread_members" (
  "conversation_id" uuid NOT NULL,
  "root_seq" bigint NOT NULL,
  "user_id" uuid NOT NULL,
  "tenant_id" uuid NOT NULL,
  "replies" bigint NOT NULL,
  "last_seq" bigint,
  "follows" boolean NOT NULL,
  "read_seq" bigint NOT NULL,
  "touched_at" timestamp (3) with time zone NOT NULL,
  CONSTRAINT "thread_members_conversation_id_root_seq_user_id_pk" PRIMARY KEY ("conversation_id", "root_seq", "user_id")
);
--> statement-breakpoint
CREATE INDEX "thread_members_of_user" ON "thread_members" USING btree ("user_id", "touched_at" DESC);
--> statement-breakpoint
CREATE INDEX "thread_members_latest" ON "thread_members" USING btree ("conversation_id", "root_seq", "last_seq" DESC) WHERE replies > 0;
--> statement-breakpoint
-- Keeps the thread of a reply, in the statement that stores the reply, under the lock of the conversation: whoever stores
-- one, keeps it. Who replies follows the thread and has read it, and so does whoever wrote its root when the first reply
-- comes. Messages that are no replies cost a look at one column.
CREATE FUNCTION keep_thread() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_sender bigint;
  of_all bigint;
BEGIN
  INSERT INTO thread_members AS m
    (conversation_id, root_seq, user_id, tenant_id, replies, last_seq, follows, read_seq, touched_at)
  VALUES
    (NEW.conversation_id, NEW.thread_root, NEW.sender_id, NEW.tenant_id, 1, NEW.seq, true, NEW.seq, NEW.created_at)
  ON CONFLICT (conversation_id, root_seq, user_id) DO UPDATE SET replies = m.replies + 1, last_seq = excluded.last_seq,
    follows = true, read_seq = greatest(m.read_seq, excluded.read_seq), touched_at = excluded.touched_at
  RETURNING replies INTO of_sender;

  INSERT INTO threads AS t (conversation_id, root_seq, tenant_id, replies, members, last_seq, last_at)
  VALUES (NEW.conversation_id, NEW.thread_root, NEW.tenant_id, 1, 1, NEW.seq, NEW.created_at)
  ON CONFLICT (conversation_id, root_seq) DO UPDATE SET replies = t.replies + 1,
    members = t.members + CASE of_sender WHEN 1 THEN 1 ELSE 0 END, last_seq = excluded.last_seq, last_at = excluded.last_at
  RETURNING replies INTO of_all;

  IF of_all = 1 THEN
    INSERT INTO thread_members (conversation_id, root_seq, user_id, tenant_id, replies, follows, read_seq, touched_at)
    SELECT m.conversation_id, m.seq, m.sender_id, m.tenant_id, 0, true, m.seq, NEW.created_at
    FROM messages m WHERE m.conversation_id = NEW.conversation_id AND m.seq = NEW.thread_root
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER messages_threads AFTER INSERT ON messages FOR EACH ROW
  WHEN (NEW.thread_root IS NOT NULL) EXECUTE FUNCTION keep_thread();
--> statement-breakpoint
-- Those that began before.
INSERT INTO thread_members (conversation_id, root_seq, user_id, tenant_id, replies, last_seq, follows, read_seq, touched_at)
SELECT conversation_id, thread_root, sender_id, tenant_id, count(*), max(seq), true, max(seq), max(created_at)
FROM messages WHERE thread_root IS NOT NULL GROUP BY conversation_id, thread_root, sender_id, tenant_id
ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO threads (conversation_id, root_seq, tenant_id, replies, members, last_seq, last_at)
SELECT conversation_id, root_seq, tenant_id, sum(replies), count(*), max(last_seq), max(touched_at)
FROM thread_members GROUP BY conversation_id, root_seq, tenant_id
ON CONFLICT DO NOTHING;
