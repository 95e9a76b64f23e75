-- Messages that recall themselves so many seconds after everybody else has read them; when that was; and when they were to be
-- recalled until then.
ALTER TABLE "messages" ADD COLUMN "expires_after_read" integer,
  ADD COLUMN "read_by_all_at" timestamp (3) with time zone,
  ADD COLUMN "expires_unread_at" timestamp (3) with time zone;
--> statement-breakpoint
-- Those of them whose time has not begun, in the order of each conversation and of each sender in it.
CREATE TABLE "messages_awaiting_reading" (
  "conversation_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "tenant_id" uuid NOT NULL,
  "sender_id" uuid NOT NULL,
  CONSTRAINT "messages_awaiting_reading_conversation_id_seq_pk" PRIMARY KEY ("conversation_id", "seq"),
  CONSTRAINT "messages_awaiting_reading_of_message" FOREIGN KEY ("conversation_id", "seq")
    REFERENCES "messages" ("conversation_id", "seq") ON DELETE CASCADE
);
--> statement-breakpoint
CREATE INDEX "messages_awaiting_reading_of_sender" ON "messages_awaiting_reading" ("conversation_id", "sender_id", "seq");
--> statement-breakpoint
-- Conversations in which one of them may have been read by everybody since somebody looked. Rows are added and deleted, never
-- changed: nobody who reads waits for another one, and none is lost that is added while somebody looks.
CREATE TABLE "reading_notices" (
  "id" bigserial NOT NULL,
  "tenant_id" uuid NOT NULL,
  "conversation_id" uuid NOT NULL,
  CONSTRAINT "reading_notices_conversation_id_id_pk" PRIMARY KEY ("conversation_id", "id")
);
--> statement-breakpoint
CREATE INDEX "reading_notices_in_order" ON "reading_notices" ("id");
--> statement-breakpoint
-- A message that expires after it was read waits for that from the statement on that stores it. There may be nobody to wait
-- for. Other messages cost a look at one column.
CREATE FUNCTION await_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messages_awaiting_reading (conversation_id, seq, tenant_id, sender_id)
  VALUES (NEW.conversation_id, NEW.seq, NEW.tenant_id, NEW.sender_id);
  INSERT INTO reading_notices (tenant_id, conversation_id) VALUES (NEW.tenant_id, NEW.conversation_id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER messages_await_reading AFTER INSERT ON messages
  FOR EACH ROW WHEN (NEW.expires_after_read IS NOT NULL) EXECUTE FUNCTION await_reading();
--> statement-breakpoint
-- Somebody has read such messages, or leaves without having read them, in whatever way: the transaction that makes it true
-- says so too. Where the conversation has none this costs one look at a key. A position is never beyond a head that was
-- committed, so the messages up to it are seen here; and who leaves does so under the lock of the conversation.
CREATE FUNCTION notice_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM messages_awaiting_reading m
    WHERE m.conversation_id = OLD.conversation_id AND m.seq > OLD.last_read_seq
      AND (TG_OP = 'DELETE' OR m.seq <= NEW.last_read_seq)
  ) THEN
    INSERT INTO reading_notices (tenant_id, conversation_id) VALUES (OLD.tenant_id, OLD.conversation_id);
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER participants_read AFTER UPDATE ON participants
  FOR EACH ROW WHEN (NEW.last_read_seq > OLD.last_read_seq) EXECUTE FUNCTION notice_reading();
--> statement-breakpoint
CREATE TRIGGER participants_leave AFTER DELETE ON participants
  FOR EACH ROW EXECUTE FUNCTION notice_reading();
--> statement-breakpoint
-- Fewer messages than before wait for this user, wherever it takes part.
CREATE FUNCTION notice_reader(reader uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO reading_notices (tenant_id, conversation_id)
  SELECT p.tenant_id, p.conversation_id FROM participants p
  CROSS JOIN LATERAL (
    SELECT FROM messages_awaiting_reading m
    WHERE m.conversation_id = p.conversation_id AND m.seq > p.last_read_seq LIMIT 1
  ) m
  WHERE p.user_id = reader;
$$;
--> statement-breakpoint
-- What was sent by a user who is merged into another one is that one's own.
CREATE FUNCTION notice_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM notice_reader(NEW.merged_into);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER users_merge AFTER UPDATE OF merged_into ON users
  FOR EACH ROW WHEN (NEW.merged_into IS DISTINCT FROM OLD.merged_into) EXECUTE FUNCTION notice_merge();
--> statement-breakpoint
-- The send path stores after which time from reading a message expires: one argument more, so that these are functions beside
-- those of 0083, which versions before this one go on calling, until a later migration drops them.
--
-- The send path: judges a batch of messages, numbers and stores those that pass, all in one transaction.
--
-- Rooms are the batch's conversations, each with the tenant that asks for it, named once; element n of every other
-- argument is item n of the batch, `room_of` the place of its room. An argument whose elements are all absent may be NULL.
--
-- Returns one row. `stored_rooms` and `first_seqs`: from which `seq` on the stored items of a room are numbered, in the
-- order of the batch; `stored_at` in milliseconds; `outbox_id`, NULL when nothing was stored. Items that were not stored:
-- their places in `others` with a verdict each: repeat (and then the first `seq` and time), reply_to, thread_root, posting
-- (only admins post), or a code of the error catalogue; with rate_limited, where slow mode is the reason, the time from
-- which the sender may send again. `mentioned`: what stored messages mention, as `[conversation, seq, mentions]`; NULL when
-- none mentions anybody. Element n of `mentions` is what the text of item n may mention, read by `keep_mentions`; of
-- `expires_in` the seconds after which it expires, of `expires_after_read` those from when everybody else has read it, which
-- a conversation of more than 100 participants refuses (too_many_readers).
--
-- It holds these invariants:
-- 1. Locks first, in the order of the ids, each conversation once: no two batches wait for each other in a circle. Only
--    conversations of the tenant that asks: whoever knows another tenant's id holds up nothing there.
-- 2. The statements after that take their snapshots under the locks (a volatile plpgsql function takes one for each
--    statement), so they see every message and every membership that was committed before. Nobody else can assign a
--    `seq` in these conversations until the commit.
-- 3. Items of one conversation are numbered in the order of the batch, from the head, without holes: refused ones and
--    repeats take no number. Time rises with the number.
-- 4. Messages, heads and outbox row are written together or not at all.
-- 5. No two items of a batch have the same conversation and mid. The caller sees to it; else the unique index refuses
--    the whole batch.
--
-- A repeat is the sender's own message with the content that was first sent, whatever has become of it or of the sender's
-- membership since: its answer is a promise that was made already, so it comes before every refusal but not_found. What an
-- expired message said is known to nobody any more: its repeat is recognised without its body.
-- mid_taken comes after not_member: strangers learn nothing about a mid. The rate limit comes last, and then slow mode.
--
-- An item that a user sends with a token names the token's device, if it has one, and the generation that the token was
-- verified with: that of the device, or where none is registered that of the user's tokens, as -1 - n so that it is never
-- one of a device. When it is another one by now the token was revoked, or its device evicted: unauthorized. Whoever revokes
-- waits, before the answer, for the transactions that may have read the one of before (core/outbox/settle-writes.ts). So with
-- the tenant, which is active, or else suspended (tenant_suspended) or being deleted (unauthorized).
-- Without a generation the token is not judged.
--
-- Who may send is what the table of core/permissions says of `send` and `skipSlowMode`. The sender's role in the tenant is
-- looked up only where one of the two depends on it, and so is the last message in slow mode.
--
-- Generic plans on index scans only: a plan made while the tables were small or empty would otherwise stay in use. Each
-- item looks its rows up by itself (LATERAL … LIMIT 1): a join could be planned as a scan of the whole index for each
-- item, which costs the same while the table is empty, and would be kept until the next ANALYZE.
CREATE FUNCTION append_messages(
  tenant_ids uuid[], conversation_ids uuid[],
  room_of int[], sender_ids uuid[], mids text[], client_ids text[], kinds text[], bodies json[],
  reply_tos bigint[], thread_roots bigint[], limited boolean[], by_service boolean[],
  token_devices text[], token_generations bigint[], mentions jsonb[], show_in_channel boolean[], expires_in int[],
  expires_after_read int[]
) RETURNS TABLE (
  stored_rooms int[], first_seqs bigint[], stored_at bigint, outbox_id bigint,
  others int[], verdicts text[], seqs bigint[], ats bigint[], mentioned json
)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_mergejoin = off
SET lock_timeout = '1s'
AS $$
#variable_conflict use_column
DECLARE
  now timestamptz(3);
  -- By room; NULL where the tenant has no such conversation.
  room_ids uuid[];
  heads bigint[];
  oldest bigint[];
  archived boolean[];
  admins_post boolean[];
  -- Seconds of slow mode, 0 without.
  slow int[];
BEGIN
  PERFORM FROM conversations c
  WHERE c.conversation_id = ANY (conversation_ids)
    AND (c.conversation_id, c.tenant_id) IN (
      SELECT r.conversation_id, r.tenant_id FROM unnest(conversation_ids, tenant_ids) AS r (conversation_id, tenant_id)
    )
  ORDER BY c.conversation_id
  FOR NO KEY UPDATE OF c;
  now := clock_timestamp();

  SELECT array_agg(c.conversation_id ORDER BY room), array_agg(c.last_seq ORDER BY room),
    array_agg(c.first_seq ORDER BY room), array_agg(c.archived_at IS NOT NULL ORDER BY room),
    array_agg(c.posting = 'admins' ORDER BY room), array_agg(c.slow_seconds ORDER BY room)
  INTO room_ids, heads, oldest, archived, admins_post, slow
  FROM unnest(tenant_ids, conversation_ids) WITH ORDINALITY AS r (tenant_id, conversation_id, room)
  LEFT JOIN conversations c
    ON c.conversation_id = r.conversation_id AND c.tenant_id = r.tenant_id AND c.deleted_at IS NULL;

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT room_ids[room] AS conversation_id, i.* FROM unnest(
      room_of, sender_ids, mids, client_ids, kinds, bodies, reply_tos, thread_roots, limited, by_service,
      token_devices, token_generations, mentions, show_in_channel, expires_in, expires_after_read
    ) WITH ORDINALITY AS i (
      room, sender_id, mid, client_id, kind, body, reply_to, thread_root, limited, by_service,
      token_device, token_generation, mentions, show_in_channel, expires_in, expires_after_read, n
    )
  ),
  -- A verdict of NULL: to be stored.
  judged AS (
    SELECT i.n, i.room, i.sender_id, m.seq AS old_seq, m.created_at AS old_at, w.next_at,
      slow[i.room] > 0 AND (s.is_admin OR s.is_moderator) IS NOT TRUE AND i.by_service IS NOT TRUE AS waits,
      CASE
        WHEN i.conversation_id IS NULL THEN 'not_found'
        WHEN m.sender_id = i.sender_id AND m.kind = i.kind
          AND m.reply_to IS NOT DISTINCT FROM i.reply_to AND m.thread_root IS NOT DISTINCT FROM i.thread_root
          AND m.show_in_channel IS NOT DISTINCT FROM i.show_in_channel
          AND m.expires_after_read IS NOT DISTINCT FROM i.expires_after_read
          AND CASE WHEN m.read_by_all_at IS NULL THEN m.expires_at ELSE m.expires_unread_at END
            IS NOT DISTINCT FROM m.created_at + i.expires_in * interval '1 second'
          AND (m.expired_at IS NOT NULL OR i.body::text = coalesce(
            (SELECT e.previous_body FROM message_edits e
             WHERE e.conversation_id = m.conversation_id AND e.seq = m.seq ORDER BY e.rev LIMIT 1),
            m.body)::text) THEN 'repeat'
        WHEN p.user_id IS NULL AND i.by_service IS NOT TRUE THEN 'not_member'
        WHEN t.status = 'suspended' THEN 'tenant_suspended'
        WHEN t.status <> 'active' THEN 'unauthorized'
        WHEN i.token_generation IS NOT NULL AND i.token_generation IS DISTINCT FROM coalesce(
          (SELECT d.generation FROM devices d WHERE d.user_id = i.sender_id AND d.client_id = i.token_device LIMIT 1),
          (SELECT -1 - u.tokens_generation FROM users u WHERE u.id = i.sender_id LIMIT 1)) THEN 'unauthorized'
        WHEN m.seq IS NOT NULL THEN 'mid_taken'
        WHEN archived[i.room] AND i.by_service IS NOT TRUE THEN 'forbidden'
        WHEN admins_post[i.room] AND s.is_admin IS NOT TRUE AND i.by_service IS NOT TRUE THEN 'posting'
        WHEN p.muted_until > now AND i.by_service IS NOT TRUE THEN 'muted'
        WHEN i.reply_to NOT BETWEEN oldest[i.room] AND heads[i.room] THEN 'reply_to'
        WHEN i.thread_root NOT BETWEEN oldest[i.room] AND heads[i.room] THEN 'thread_root'
        WHEN i.expires_after_read IS NOT NULL AND (
          SELECT count(*) FROM (
            SELECT FROM participants p WHERE p.conversation_id = i.conversation_id LIMIT 101
          ) counted
        ) > 100 THEN 'too_many_readers'
        WHEN i.limited THEN 'rate_limited'
        WHEN w.next_at > now AND (s.is_admin OR s.is_moderator) IS NOT TRUE AND i.by_service IS NOT TRUE
          THEN 'rate_limited'
      END AS verdict
    FROM item i
    LEFT JOIN LATERAL (
      SELECT p.* FROM participants p
      WHERE p.conversation_id = i.conversation_id AND p.user_id = i.sender_id LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
      SELECT m.* FROM messages m WHERE m.conversation_id = i.conversation_id AND m.mid = i.mid LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
      SELECT t.status FROM tenants t WHERE i.token_generation IS NOT NULL AND t.id = tenant_ids[i.room] LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
      SELECT p.role IN ('owner', 'admin') OR u.role IN ('owner', 'admin') AS is_admin, u.role = 'moderator' AS is_moderator
      FROM users u WHERE (admins_post[i.room] OR slow[i.room] > 0) AND u.id = i.sender_id LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
      SELECT l.sent_at + slow[i.room] * interval '1 second' AS next_at FROM slow_mode_sends l
      WHERE slow[i.room] > 0 AND l.conversation_id = i.conversation_id AND l.user_id = i.sender_id LIMIT 1
    ) w ON true
  ),
  -- In slow mode, only the first of several of one sender.
  paced AS (
    SELECT n, room, old_seq, old_at, waits,
      CASE WHEN is_early THEN 'rate_limited' ELSE verdict END AS verdict,
      CASE WHEN is_early THEN now + slow[room] * interval '1 second' ELSE next_at END AS next_at
    FROM (
      SELECT *, waits AND verdict IS NULL
        AND row_number() OVER (PARTITION BY room, sender_id, verdict ORDER BY n) > 1 AS is_early
      FROM judged
    ) j
  ),
  placed AS MATERIALIZED (
    SELECT n, room, verdict, waits,
      heads[room] + count(*) FILTER (WHERE verdict IS NULL) OVER (PARTITION BY room ORDER BY n) AS seq,
      CASE verdict WHEN 'repeat' THEN old_seq END AS old_seq,
      CASE verdict WHEN 'repeat' THEN old_at WHEN 'rate_limited' THEN next_at END AS old_at
    FROM paced
  ),
  written AS (
    INSERT INTO messages (
      conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, reply_to, thread_root, mentions,
      show_in_channel, created_at, expires_at, expires_after_read
    )
    SELECT i.conversation_id, p.seq, tenant_ids[i.room], mid, sender_id, client_id, kind, body, reply_to, thread_root,
      i.mentions, i.show_in_channel, now, now + i.expires_in * interval '1 second', i.expires_after_read
    FROM placed p JOIN item i USING (n)
    WHERE p.verdict IS NULL
    RETURNING conversation_id, seq, mentions
  ),
  remembered AS (
    INSERT INTO slow_mode_sends (conversation_id, user_id, tenant_id, sent_at)
    SELECT i.conversation_id, i.sender_id, tenant_ids[i.room], now
    FROM placed p JOIN item i USING (n)
    WHERE p.verdict IS NULL AND p.waits
    ON CONFLICT (conversation_id, user_id) DO UPDATE SET sent_at = excluded.sent_at
  ),
  span AS MATERIALIZED (
    SELECT room, room_ids[room] AS conversation_id, min(seq) AS first, max(seq) AS last
    FROM placed WHERE verdict IS NULL GROUP BY room
  ),
  raised AS (
    UPDATE conversations c SET last_seq = s.last FROM span s WHERE c.conversation_id = s.conversation_id
  ),
  queued AS (
    INSERT INTO outbox (topic, created_at, conversation_ids, firsts, lasts)
    SELECT 'msg', now, array_agg(conversation_id), array_agg(first), array_agg(last)
    FROM span HAVING count(*) > 0
    RETURNING id
  )
  SELECT (SELECT array_agg(room) FROM span), (SELECT array_agg(first) FROM span),
    (extract(epoch FROM now) * 1000)::bigint, (SELECT id FROM queued),
    array_agg(n::int), array_agg(verdict), array_agg(old_seq), array_agg((extract(epoch FROM old_at) * 1000)::bigint),
    (SELECT json_agg(json_build_array(conversation_id, seq, mentions)) FROM written WHERE mentions IS NOT NULL)
  FROM placed WHERE verdict IS NOT NULL;
END
$$;
--> statement-breakpoint
-- The send path's ordinary case: a batch of which every item is new and welcome is stored at once, without being judged
-- item by item. Whatever speaks against any item, all is undone and left to `append_messages`, whose arguments, answer and
-- invariants are these, so that the two differ in their cost alone.
--
-- Beside those arguments: conversations are named in ascending order, `counts` says how many items each has, and element n
-- of `places` how many items of the same room come before item n. `stored_rooms` is NULL when every room stored all of its
-- items.
--
-- How it holds the invariants:
-- 1. The heads are raised first, by a scan of their key, which takes the rows in the order of the ids and thereby locks
--    them. That what it found are the conversations that were named, in that order, proves that each is there, of the
--    right tenant and open, and that `counts` was read at the right place (`width_bucket` finds an id in a sorted array).
-- 2. The next statement takes its snapshot under the locks: an item whose sender is no participant, or muted, or whose
--    references do not exist, yields no row, and the number of rows tells. So does an item of a member where only admins
--    post, and in slow mode, one that waits for more readers than it may, and one whose token was revoked or whose tenant
--    is not active.
-- 3. A `mid` that is there already violates the unique index.
CREATE FUNCTION append_batch(
  tenant_ids uuid[], conversation_ids uuid[], counts int[],
  room_of int[], places int[], sender_ids uuid[], mids text[], client_ids text[], kinds text[], bodies json[],
  reply_tos bigint[], thread_roots bigint[], limited boolean[], by_service boolean[],
  token_devices text[], token_generations bigint[], mentions jsonb[], show_in_channel boolean[], expires_in int[],
  expires_after_read int[]
) RETURNS TABLE (
  stored_rooms int[], first_seqs bigint[], stored_at bigint, outbox_id bigint,
  others int[], verdicts text[], seqs bigint[], ats bigint[], mentioned json
)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET lock_timeout = '1s'
AS $$
#variable_conflict use_column
DECLARE
  now timestamptz(3);
  -- By room.
  found_ids uuid[];
  oldest bigint[];
  restricted boolean[];
  lasts bigint[];
  stored int;
BEGIN
  IF limited IS NULL AND by_service IS NULL THEN
    BEGIN
      WITH raised AS (
        UPDATE conversations c
        SET last_seq = c.last_seq + counts[width_bucket(c.conversation_id, conversation_ids)]
        WHERE c.conversation_id = ANY (conversation_ids)
          AND c.tenant_id = tenant_ids[width_bucket(c.conversation_id, conversation_ids)]
          AND c.deleted_at IS NULL AND c.archived_at IS NULL
        RETURNING c.conversation_id, c.first_seq, c.last_seq, c.posting <> 'all' OR c.slow_seconds > 0 AS restricted,
          c.last_seq - counts[width_bucket(c.conversation_id, conversation_ids)] + 1 AS new_seq
      )
      SELECT array_agg(conversation_id ORDER BY conversation_id), array_agg(first_seq ORDER BY conversation_id),
        array_agg(new_seq ORDER BY conversation_id), array_agg(last_seq ORDER BY conversation_id),
        array_agg(restricted ORDER BY conversation_id)
      INTO found_ids, oldest, first_seqs, lasts, restricted
      FROM raised;
      IF found_ids IS DISTINCT FROM conversation_ids THEN RAISE SQLSTATE 'MC001'; END IF;
      now := clock_timestamp();

      INSERT INTO messages (
        conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, reply_to, thread_root, mentions,
        show_in_channel, created_at, expires_at, expires_after_read
      )
      SELECT conversation_ids[room], first_seqs[room] + place, tenant_ids[room],
        mid, sender_id, client_id, kind, body, i.reply_to, i.thread_root, i.mentions, i.show_in_channel, now,
        now + i.expires_in * interval '1 second', i.expires_after_read
      FROM unnest(
        room_of, places, sender_ids, mids, client_ids, kinds, bodies, reply_tos, thread_roots,
        token_devices, token_generations, mentions, show_in_channel, expires_in, expires_after_read
      ) AS i (
        room, place, sender_id, mid, client_id, kind, body, reply_to, thread_root, token_device, token_generation,
        mentions, show_in_channel, expires_in, expires_after_read
      )
      CROSS JOIN LATERAL (
        SELECT p.muted_until, p.role FROM participants p
        WHERE p.conversation_id = conversation_ids[i.room] AND p.user_id = i.sender_id LIMIT 1
      ) p
      WHERE (p.muted_until > now) IS NOT TRUE AND (NOT restricted[room] OR p.role IN ('owner', 'admin'))
        AND (i.reply_to BETWEEN oldest[room] AND first_seqs[room] - 1) IS NOT FALSE
        AND (i.thread_root BETWEEN oldest[room] AND first_seqs[room] - 1) IS NOT FALSE
        AND (i.expires_after_read IS NULL OR (
          SELECT count(*) FROM (
            SELECT FROM participants p WHERE p.conversation_id = conversation_ids[i.room] LIMIT 101
          ) counted
        ) <= 100)
        AND (i.token_generation IS NULL OR i.token_generation = coalesce(
          (SELECT d.generation FROM devices d WHERE d.user_id = i.sender_id AND d.client_id = i.token_device LIMIT 1),
          (SELECT -1 - u.tokens_generation FROM users u WHERE u.id = i.sender_id LIMIT 1))
          AND (SELECT t.status FROM tenants t WHERE t.id = tenant_ids[i.room] LIMIT 1) = 'active');
      GET DIAGNOSTICS stored = ROW_COUNT;
      IF stored < cardinality(mids) THEN RAISE SQLSTATE 'MC001'; END IF;

      IF mentions IS NOT NULL THEN
        SELECT json_agg(json_build_array(m.conversation_id, m.seq, m.mentions)) INTO mentioned
        FROM unnest(room_of, places, mentions) AS i (room, place, mentions)
        CROSS JOIN LATERAL (
          SELECT m.* FROM messages m
          WHERE m.conversation_id = conversation_ids[i.room] AND m.seq = first_seqs[i.room] + i.place LIMIT 1
        ) m
        WHERE i.mentions IS NOT NULL AND m.mentions IS NOT NULL;
      END IF;

      INSERT INTO outbox (topic, created_at, conversation_ids, firsts, lasts)
      VALUES ('msg', now, conversation_ids, first_seqs, lasts)
      RETURNING id INTO outbox_id;
      stored_at := (extract(epoch FROM now) * 1000)::bigint;
      RETURN NEXT;
      RETURN;
    EXCEPTION WHEN unique_violation OR SQLSTATE 'MC001' THEN
      -- Left to judgement.
    END;
  END IF;
  RETURN QUERY SELECT * FROM append_messages(
    tenant_ids, conversation_ids, room_of, sender_ids, mids, client_ids, kinds, bodies,
    reply_tos, thread_roots, limited, by_service, token_devices, token_generations, mentions, show_in_channel,
    expires_in, expires_after_read
  );
END
$$;
