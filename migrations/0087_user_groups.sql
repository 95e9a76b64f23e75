-- Groups of a tenant's users, which a message may mention by id or name: `mention_name` is the name as mentions compare it.
CREATE TABLE "user_groups" (
  "id" uuid PRIMARY KEY NOT NULL,
  "tenant_id" uuid NOT NULL,
  "name" text NOT NULL,
  "mention_name" text NOT NULL,
  "members" integer DEFAULT 0 NOT NULL,
  "created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "user_groups_mention_name" ON "user_groups" USING btree ("tenant_id", "mention_name");
--> statement-breakpoint
CREATE TABLE "user_group_members" (
  "group_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "tenant_id" uuid NOT NULL,
  "added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "user_group_members_group_id_user_id_pk" PRIMARY KEY ("group_id", "user_id")
);
--> statement-breakpoint
CREATE INDEX "user_group_members_of_user" ON "user_group_members" USING btree ("user_id");
--> statement-breakpoint
-- A group says how many members it has, whoever adds and removes them. Of several groups the rows are locked by id.
CREATE FUNCTION count_user_group_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM user_groups WHERE id IN (SELECT group_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
  UPDATE user_groups SET members = members + CASE TG_OP WHEN 'INSERT' THEN counted.n ELSE -counted.n END
  FROM (SELECT group_id, count(*)::int AS n FROM changed GROUP BY group_id) counted
  WHERE id = counted.group_id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER user_group_members_added AFTER INSERT ON user_group_members
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_user_group_members();
--> statement-breakpoint
CREATE TRIGGER user_group_members_removed AFTER DELETE ON user_group_members
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_user_group_members();
--> statement-breakpoint
-- Messages of which it is not known yet whom the groups in them mention.
CREATE TABLE "open_group_mentions" (
  "conversation_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "tenant_id" uuid NOT NULL,
  CONSTRAINT "open_group_mentions_conversation_id_seq_pk" PRIMARY KEY ("conversation_id", "seq")
);
--> statement-breakpoint
ALTER TABLE "mentions" DROP CONSTRAINT "mentions_scope",
  ADD CONSTRAINT "mentions_scope" CHECK (scope IN ('user', 'all', 'here', 'group')) NOT VALID;
--> statement-breakpoint
-- Whether a user sees a group, and so may mention it: guests see those to which they belong.
CREATE FUNCTION sees_user_group(seen uuid, by_user uuid) RETURNS boolean LANGUAGE sql STABLE
AS $$
  SELECT NOT EXISTS (SELECT FROM users u WHERE u.id = by_user AND u.role = 'guest')
    OR EXISTS (SELECT FROM user_group_members m WHERE m.group_id = seen AND m.user_id = by_user)
$$;
--> statement-breakpoint
-- Keeps the mentions of a message, in the statement that stores or changes it, under the lock of the conversation. Whoever
-- writes the column writes what the text may mention (core/messages/mentions-in-text.ts), and finds there what it does
-- mention: `{"users": […], "groups": [{"id", "name"}], "all": true, "here": true}`, or NULL.
--
-- `users` and `groups` are ids, `names` folded texts that begin behind an @, each with the lengths at which a name may end in
-- it: the longest that participants or a group bear is who is meant, all of them; where both bear the same, the participants.
-- `all` and `here` give the number of participants beyond which they mention nobody; the table of core/permissions says who may
-- (`mentionAll`; whoever sends may mention groups). Of the groups those count, the smallest first, that have no more members
-- together than it gives. Nobody is mentioned who takes no part, and nobody mentions themselves.
-- Messages that mention nothing cost a look at one column.
--
-- A row of `here` for the nil UUID says that it is not known yet whom `here` mentions: features/mentions replaces it by a row for
-- each user who is online, and says of those who are named too that they are (`online`). An edit that leaves `here` in the text
-- leaves these; one that takes it away deletes them.
--
-- Whom groups mention is found afterwards: a row of `open_group_mentions` says that it is open, and features/mentions replaces it
-- by a row of `mentions` for each user. After an edit it is open again. Where the message mentions `all`, nobody is mentioned by a group.
--
-- Each text that a name may be is looked up once, by itself (LATERAL … LIMIT), on two indexes, however many names of the
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
  named_groups jsonb;
  -- What mentions many: all or here.
  word text;
  -- The message mentioned `here` before, and does still.
  stays boolean;
BEGIN
  NEW.mentions := NULL;
  IF asked IS NULL THEN
    IF TG_OP = 'UPDATE' THEN
      DELETE FROM mentions WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq;
      DELETE FROM open_group_mentions WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq;
    END IF;
    RETURN NEW;
  END IF;

  WITH beginning AS MATERIALIZED (
    SELECT left(name.behind ->> 'text', ends.length::int) AS text, array_agg(name.n) AS names
    FROM jsonb_array_elements(asked -> 'names') WITH ORDINALITY AS name (behind, n)
    CROSS JOIN LATERAL jsonb_array_elements_text(name.behind -> 'ends') AS ends (length)
    GROUP BY 1
  ), found AS MATERIALIZED (
    SELECT b.text AS beginning, b.names, bearers.users, g.id AS group_id
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
    LEFT JOIN LATERAL (
      SELECT g.id FROM user_groups g
      WHERE bearers.users IS NULL AND g.tenant_id = NEW.tenant_id AND g.mention_name = b.text
        AND sees_user_group(g.id, NEW.sender_id)
      LIMIT 1
    ) g ON true
    WHERE bearers.users IS NOT NULL OR g.id IS NOT NULL
  ), longest AS MATERIALIZED (
    SELECT DISTINCT ON (name) name, users, group_id
    FROM found CROSS JOIN LATERAL unnest(found.names) AS n (name)
    ORDER BY name, length(found.beginning) DESC
  )
  SELECT
    (
      SELECT array_agg(user_id) FROM (
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
          SELECT unnest(longest.users) FROM longest
        ) meant
        WHERE meant.user_id <> NEW.sender_id
        LIMIT (asked ->> 'most')::int
      ) mentioned
    ),
    (
      SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name) ORDER BY name) FROM (
        SELECT g.id, g.name, sum(g.members) OVER (ORDER BY g.members, g.id) AS together FROM (
          SELECT i.id::uuid FROM jsonb_array_elements_text(asked -> 'groups') AS i (id)
          UNION
          SELECT longest.group_id FROM longest WHERE longest.group_id IS NOT NULL
        ) meant (id)
        CROSS JOIN LATERAL (
          SELECT g.id, g.name, g.members FROM user_groups g
          WHERE g.id = meant.id AND g.tenant_id = NEW.tenant_id AND sees_user_group(g.id, NEW.sender_id) LIMIT 1
        ) g
        ORDER BY g.members, g.id
        LIMIT (asked ->> 'mostGroups')::int
      ) mentioned
      WHERE together <= (asked ->> 'mostMembers')::int
    )
  INTO named, named_groups;

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
      WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq AND scope IN ('user', 'group');
    END IF;
    DELETE FROM open_group_mentions WHERE conversation_id = NEW.conversation_id AND seq = NEW.seq;
  END IF;
  IF named IS NULL AND named_groups IS NULL AND word IS NULL THEN RETURN NEW; END IF;

  INSERT INTO mentions (conversation_id, user_id, seq, tenant_id, sender_id, scope, created_at)
  SELECT NEW.conversation_id, mentioned.user_id, NEW.seq, NEW.tenant_id, NEW.sender_id, mentioned.scope, NEW.created_at
  FROM (
    SELECT unnest(named) AS user_id, 'user' AS scope
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000', word WHERE word IS NOT NULL AND NOT stays
  ) mentioned
  ON CONFLICT ON CONSTRAINT mentions_conversation_id_user_id_seq_pk DO UPDATE SET scope = excluded.scope;
  IF named_groups IS NOT NULL AND word IS DISTINCT FROM 'all' THEN
    INSERT INTO open_group_mentions (conversation_id, seq, tenant_id) VALUES (NEW.conversation_id, NEW.seq, NEW.tenant_id);
  END IF;
  NEW.mentions := jsonb_build_object('users', coalesce(to_jsonb(named), '[]'))
    || CASE WHEN named_groups IS NULL THEN '{}' ELSE jsonb_build_object('groups', named_groups) END
    || CASE WHEN word IS NULL THEN '{}' ELSE jsonb_build_object(word, true) END;
  RETURN NEW;
END
$$;
