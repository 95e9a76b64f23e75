-- Keeps the mentions of a message, in the statement that stores or changes it, under the lock of the conversation. Whoever
-- writes the column writes what the text may mention (core/messages/mentions-in-text.ts), and finds there what it does
-- mention: `{"users": […], "all": true, "here": true}`, or NULL.
--
-- `users` are ids, `names` folded texts that begin behind an @, each with the lengths at which a name may end in it: the
-- longest that participants bear is who is meant, all of them. `all` and `here` give the number of participants beyond
-- which they mention nobody; the table of core/permissions says who may (`mentionAll`). Nobody is mentioned who takes no part,
-- and nobody mentions themselves. Messages without an @ cost a look at one column.
--
-- A row of `here` for the nil UUID says that it is not known yet whom `here` mentions: features/mentions replaces it by a row for
-- each user who is online, and says of those who are named too that they are (`online`). An edit that leaves `here` in the text
-- leaves these; one that takes it away deletes them.
--
-- Each text that a name may be is looked up once, by itself (LATERAL … LIMIT), on an index, however many names of the
-- message begin with it; of more than 100 users of one name some are not found.
CREATE OR REPLACE FUNCTION keep_mentions() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  asked jsonb := NEW.mentions;
  named uuid[];
  -- What mentions many: all or here.
  word text;
  -- The message mentioned `here` before, and does still.
  stays boolean;
BEGIN
  NEW.mentions := NULL;
  IF asked IS NULL THEN
    IF TG_OP = 'UPDATE' THEN
      DELETE FROM mentions WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq;
    END IF;
    RETURN NEW;
  END IF;

  WITH beginning AS MATERIALIZED (
    SELECT left(name.behind ->> 'text', ends.length::int) AS text, array_agg(name.n) AS names
    FROM jsonb_array_elements(asked -> 'names') WITH ORDINALITY AS name (behind, n)
    CROSS JOIN LATERAL jsonb_array_elements_text(name.behind -> 'ends') AS ends (length)
    GROUP BY 1
  ), found AS MATERIALIZED (
    SELECT b.text AS beginning, b.names, bearers.users
    FROM beginning b
    CROSS JOIN LATERAL (
      SELECT array_agg(p.user_id) AS users
      FROM (
        SELECT u.id FROM users u
        WHERE u.tenant_id = NEW.tenant_id AND mention_name(u.search_name) = b.text AND u.search_of = u.display_name
        LIMIT 100
      ) u
      CROSS JOIN LATERAL (
        SELECT p.user_id FROM participants p
        WHERE p.conversation_id = NEW.conversation_id AND p.user_id = u.id LIMIT 1
      ) p
    ) bearers
    WHERE bearers.users IS NOT NULL
  )
  SELECT array_agg(user_id) INTO named FROM (
    SELECT DISTINCT meant.user_id FROM (
      SELECT p.user_id
      FROM jsonb_array_elements_text(asked -> 'users') AS i (id)
      CROSS JOIN LATERAL (
        SELECT coalesce(u.merged_into, u.id) AS user_id FROM users u
        WHERE u.id = i.id::uuid AND u.tenant_id = NEW.tenant_id LIMIT 1
      ) u
      CROSS JOIN LATERAL (
        SELECT p.user_id FROM participants p
        WHERE p.conversation_id = NEW.conversation_id AND p.user_id = u.user_id LIMIT 1
      ) p
      UNION ALL
      SELECT unnest(longest.users)
      FROM (
        SELECT DISTINCT ON (name) name, users
        FROM found CROSS JOIN LATERAL unnest(found.names) AS n (name)
        ORDER BY name, length(found.beginning) DESC
      ) longest
    ) meant
    WHERE meant.user_id <> NEW.sender_id
    LIMIT (asked ->> 'most')::int
  ) mentioned;

  word := CASE WHEN asked ? 'all' THEN 'all' WHEN asked ? 'here' THEN 'here' END;
  IF word IS NOT NULL AND (
    (
      SELECT c.kind IN ('dm', 'group') OR p.role IN ('owner', 'admin') OR u.role IN ('owner', 'admin', 'moderator')
      FROM conversations c
      CROSS JOIN LATERAL (
        SELECT p.role FROM participants p
        WHERE p.conversation_id = c.conversation_id AND p.user_id = NEW.sender_id LIMIT 1
      ) p
      CROSS JOIN LATERAL (SELECT u.role FROM users u WHERE u.id = NEW.sender_id LIMIT 1) u
      WHERE c.conversation_id = NEW.conversation_id
    ) IS NOT TRUE OR (
      SELECT count(*) FROM (
        SELECT FROM participants p WHERE p.conversation_id = NEW.conversation_id
        LIMIT (asked ->> word)::bigint + 1
      ) counted
    ) > (asked ->> word)::bigint
  ) THEN
    word := NULL;
  END IF;

  stays := TG_OP = 'UPDATE' AND coalesce(OLD.mentions ? 'here', false) AND coalesce(word = 'here', false);
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM mentions
    WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq
      AND NOT (stays AND (scope = 'here' OR coalesce(online, false)));
    IF stays THEN
      UPDATE mentions SET scope = 'here'
      WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq AND scope = 'user';
    END IF;
  END IF;
  IF named IS NULL AND word IS NULL THEN RETURN NEW; END IF;

  INSERT INTO mentions (conversation_id, user_id, seq, tenant_id, sender_id, scope, created_at)
  SELECT NEW.conversation_id, mentioned.user_id, NEW.seq, NEW.tenant_id, NEW.sender_id, mentioned.scope, NEW.created_at
  FROM (
    SELECT unnest(named) AS user_id, 'user' AS scope
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000', word WHERE word IS NOT NULL AND NOT stays
  ) mentioned
  ON CONFLICT ON CONSTRAINT mentions_conversation_id_user_id_seq_pk DO UPDATE SET scope = excluded.scope;
  NEW.mentions := jsonb_build_object('users', coalesce(to_jsonb(named), '[]'))
    || CASE WHEN word IS NULL THEN '{}' ELSE jsonb_build_object(word, true) END;
  RETURN NEW;
END
$$;
