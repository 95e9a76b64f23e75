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
--    references do not exist, yields no row, and the number of rows tells.
-- 3. A `mid` that is there already violates the unique index.
CREATE FUNCTION append_batch(
  tenant_ids uuid[], conversation_ids uuid[], counts int[],
  room_of int[], places int[], sender_ids uuid[], mids text[], client_ids text[], kinds text[], bodies json[],
  reply_tos bigint[], thread_roots bigint[], limited boolean[], by_service boolean[]
) RETURNS TABLE (
  stored_rooms int[], first_seqs bigint[], stored_at bigint, outbox_id bigint,
  others int[], verdicts text[], seqs bigint[], ats bigint[]
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
        RETURNING c.conversation_id, c.first_seq, c.last_seq,
          c.last_seq - counts[width_bucket(c.conversation_id, conversation_ids)] + 1 AS new_seq
      )
      SELECT array_agg(conversation_id ORDER BY conversation_id), array_agg(first_seq ORDER BY conversation_id),
        array_agg(new_seq ORDER BY conversation_id), array_agg(last_seq ORDER BY conversation_id)
      INTO found_ids, oldest, first_seqs, lasts
      FROM raised;
      IF found_ids IS DISTINCT FROM conversation_ids THEN RAISE SQLSTATE 'MC001'; END IF;
      now := clock_timestamp();

      INSERT INTO messages (
        conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, reply_to, thread_root, created_at
      )
      SELECT conversation_ids[room], first_seqs[room] + place, tenant_ids[room],
        mid, sender_id, client_id, kind, body, i.reply_to, i.thread_root, now
      FROM unnest(
        room_of, places, sender_ids, mids, client_ids, kinds, bodies, reply_tos, thread_roots
      ) AS i (
        room, place, sender_id, mid, client_id, kind, body, reply_to, thread_root
      )
      CROSS JOIN LATERAL (
        SELECT p.muted_until FROM participants p
        WHERE p.conversation_id = conversation_ids[i.room] AND p.user_id = i.sender_id LIMIT 1
      ) p
      WHERE (p.muted_until > now) IS NOT TRUE
        AND (i.reply_to BETWEEN oldest[room] AND first_seqs[room] - 1) IS NOT FALSE
        AND (i.thread_root BETWEEN oldest[room] AND first_seqs[room] - 1) IS NOT FALSE;
      GET DIAGNOSTICS stored = ROW_COUNT;
      IF stored < cardinality(mids) THEN RAISE SQLSTATE 'MC001'; END IF;

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
    reply_tos, thread_roots, limited, by_service
  );
END
$$;
