/** Raw SQL: whole rows, which are put back as they were. */
import type { MergePart } from '../../core/users/merge.saga.ts';
import { noteMoves, takeMoves } from '../../core/users/moves.ts';

const PART = 'mentions';
/** Mentions in one transaction. */
const PIECE = 500;

interface Before {
  readonly row: object;
  /** Whether the survivor was not mentioned there. */
  readonly isNew: boolean;
}

/**
 * Mentions of a merged user are the survivor's, once where a message mentions both, and not in its own messages. The messages
 * go on saying the old id, which names the survivor. What does not mention the user any more when the merge is undone, since
 * it was edited, recalled or purged meanwhile, is not put back, and what mentions the survivor by now stays. To which groups the
 * user belongs has been taken back before.
 */
export const mergeMentions: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from, into } = merging;
    const moved = await tx<(Before & { key: string })[]>`
      with gone as (
        delete from mentions where ctid = any(array(select ctid from mentions where user_id = ${from} limit ${PIECE}))
        returning *
      ), come as (
        insert into mentions (conversation_id, user_id, seq, tenant_id, sender_id, scope, online, created_at)
        select conversation_id, ${into}::uuid, seq, tenant_id, sender_id, scope, online, created_at from gone
        where sender_id <> ${into}
        on conflict do nothing returning conversation_id, seq
      )
      select gone.conversation_id || ' ' || gone.seq as key, to_jsonb(gone) as row, come.seq is not null as "isNew"
      from gone left join come using (conversation_id, seq)`;
    const moves = moved.map(({ key, row, isNew }) => ({ key, before: { row, isNew } satisfies Before }));
    await noteMoves(tx, merging, PART, moves);
    return moved.length > 0;
  },
  async moveBack(tx, merging) {
    const moves = await takeMoves(tx, merging, PART, PIECE);
    if (moves.length === 0) return false;
    const befores = moves.map(({ before }) => before as Before);
    const rows = JSON.stringify(befores.map(({ row }) => row));
    const made = JSON.stringify(befores.filter(({ isNew }) => isNew).map(({ row }) => row));
    await tx`
      delete from mentions m using jsonb_populate_recordset(null::mentions, ${made}::text::jsonb) old
      where m.conversation_id = old.conversation_id and m.seq = old.seq and m.user_id = ${merging.into}
        and not exists (
          select from messages edited
          where edited.conversation_id = m.conversation_id and edited.seq = m.seq
            and edited.mentions -> 'users' ? ${merging.into}
        )`;
    await tx`
      insert into mentions
      select old.* from jsonb_populate_recordset(null::mentions, ${rows}::text::jsonb) old
      join messages m on m.conversation_id = old.conversation_id and m.seq = old.seq
      where case old.scope
        when 'user' then exists (
          select from jsonb_array_elements_text(m.mentions -> 'users') named (id)
          join users u on u.id = named.id::uuid
          where u.id = old.user_id or u.merged_into in (old.user_id, ${merging.into})
        )
        when 'group' then exists (
          select from jsonb_to_recordset(m.mentions -> 'groups') named (id uuid)
          join user_group_members g on g.group_id = named.id and g.user_id = old.user_id
        )
        else m.mentions ? old.scope
      end
      on conflict do nothing`;
    return true;
  },
};
