-- The send path: judges a batch of messages, numbers and stores those that pass, all in one transaction.
--
-- Element n of every argument is item n of the batch. Returns arrays in the same order: a verdict; the `seq`, null unless
-- stored or repeated; the time of storing of those, in milliseconds. And the id of the outbox row, null when nothing was
-- stored. Verdicts: stored, repeat, reply_to, thread_root, else a code of the error catalogue.
--
-- It holds these invariants:
-- 1. Locks first, in the order of the ids, each conversation once: no two batches wait for each other in a circle.
-- 2. The second statement takes its snapshot after the locks (a volatile plpgsql function takes one for each
--    statement), so it sees every message and every membership that was committed under them. Nobody else can assign a
--    `seq` in these conversations until the commit.
-- 3. Items of one conversation are numbered in the order of the batch, from the head, without holes: refused ones and
--    repeats take no number.
-- 4. Messages, heads and outbox row are written together or not at all.
-- 5. No two items of a batch have the same conversation and mid. The caller sees to it; else the unique index refuses
--    the whole batch.
--
-- A repeat is the sender's own message with the content that was first sent, whatever has become of it or of the sender's
-- membership since: its answer is a promise that was made already, so it comes before every refusal but not_found.
-- mid_taken comes after not_member: strangers learn nothing about a mid. The rate limit comes last.
--
-- Generic plans on index scans only: a plan made while the tables were small or empty would otherwise stay in use.
CREATE FUNCTION append_messages(
  tenant_ids uuid[], conversation_ids uuid[], sender_ids uuid[], mids text[], client_ids text[], kinds text[],
  bodies json[], reply_tos bigint[], thread_roots bigint[], limited boolean[], by_service boolean[]
) RETURNS TABLE (verdicts text[], seqs bigint[], stored_ats bigint[], outbox_id bigint)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_mergejoin = off
SET lock_timeout = '1s'
AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM conversations c
  WHERE c.conversation_id = ANY (conversation_ids)
  ORDER BY c.conversation_id
  FOR NO KEY UPDATE;

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT * FROM unnest(
      tenant_ids, conversation_ids, sender_ids, mids, client_ids, kinds,
      bodies, reply_tos, thread_roots, limited, by_service
    ) WITH ORDINALITY AS i (
      tenant_id, conversation_id, sender_id, mid, client_id, kind,
      body, reply_to, thread_root, limited, by_service, n
    )
  ),
  judged AS (
    SELECT i.n, i.conversation_id, c.last_seq, m.seq AS old_seq, m.created_at AS old_at,
      CASE
        WHEN c.conversation_id IS NULL OR c.tenant_id <> i.tenant_id OR c.deleted_at IS NOT NULL THEN 'not_found'
        WHEN m.sender_id = i.sender_id AND m.kind = i.kind
          AND m.reply_to IS NOT DISTINCT FROM i.reply_to AND m.thread_root IS NOT DISTINCT FROM i.thread_root
          AND i.body::text = coalesce(
            (SELECT e.previous_body FROM message_edits e
             WHERE e.conversation_id = m.conversation_id AND e.seq = m.seq ORDER BY e.rev LIMIT 1),
            m.body)::text THEN 'repeat'
        WHEN p.user_id IS NULL AND NOT i.by_service THEN 'not_member'
        WHEN m.seq IS NOT NULL THEN 'mid_taken'
        WHEN c.archived_at IS NOT NULL AND NOT i.by_service THEN 'forbidden'
        WHEN p.muted_until > statement_timestamp() AND NOT i.by_service THEN 'muted'
        WHEN i.reply_to NOT BETWEEN c.first_seq AND c.last_seq THEN 'reply_to'
        WHEN i.thread_root NOT BETWEEN c.first_seq AND c.last_seq THEN 'thread_root'
        WHEN i.limited THEN 'rate_limited'
        ELSE 'stored'
      END AS verdict
    FROM item i
    LEFT JOIN conversations c ON c.conversation_id = i.conversation_id
    LEFT JOIN participants p ON p.conversation_id = i.conversation_id AND p.user_id = i.sender_id
    LEFT JOIN messages m ON m.conversation_id = i.conversation_id AND m.mid = i.mid
  ),
  placed AS MATERIALIZED (
    SELECT n, conversation_id, verdict,
      CASE verdict
        WHEN 'stored' THEN last_seq + count(*) FILTER (WHERE verdict = 'stored')
          OVER (PARTITION BY conversation_id ORDER BY n)
        WHEN 'repeat' THEN old_seq
      END AS seq,
      CASE verdict
        WHEN 'stored' THEN statement_timestamp()::timestamptz(3)
        WHEN 'repeat' THEN old_at
      END AS at
    FROM judged
  ),
  written AS (
    INSERT INTO messages (
      conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, reply_to, thread_root, created_at
    )
    SELECT i.conversation_id, p.seq, tenant_id, mid, sender_id, client_id, kind, body, reply_to, thread_root, p.at
    FROM placed p JOIN item i USING (n)
    WHERE p.verdict = 'stored'
  ),
  span AS MATERIALIZED (
    SELECT conversation_id, min(seq) AS first, max(seq) AS last
    FROM placed WHERE verdict = 'stored' GROUP BY conversation_id
  ),
  heads AS (
    UPDATE conversations c SET last_seq = s.last FROM span s WHERE c.conversation_id = s.conversation_id
  ),
  queued AS (
    INSERT INTO outbox (topic, created_at, conversation_ids, firsts, lasts)
    SELECT 'msg', statement_timestamp(), array_agg(conversation_id), array_agg(first), array_agg(last)
    FROM span HAVING count(*) > 0
    RETURNING id
  )
  SELECT array_agg(verdict ORDER BY n), array_agg(seq ORDER BY n),
    array_agg((extract(epoch FROM at) * 1000)::bigint ORDER BY n), (SELECT id FROM queued)
  FROM placed;
END
$$;
