/** Raw SQL: every change goes through it; many rows in one statement, by arrays. */
import { LIMITS } from '@messagecore/protocol';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { MessageChange } from './change-state.ts';
import type { FrameRow } from './frames.ts';
import { mentionsIn } from './mentions-in-text.ts';
import { writeExpiry, writeReadByAll } from './write-expiry.ts';
import { writeVotes } from './write-votes.ts';

/**
 * Writes changes of one conversation whose lock is held, in the order of their `rev`: the messages' last states, what
 * edits and recalls replaced, who reacted and voted, the conversation's `rev`, and the outbox row, whose id is returned with
 * what the messages mention now.
 */
export async function writeChanges(tx: Transaction, cid: string, changes: readonly MessageChange[]) {
  const [mentions, , , , outboxId] = await Promise.all([
    writeMessages(tx, cid, changes),
    writeAudit(tx, cid, changes),
    writeReactions(tx, cid, changes),
    writeVotes(tx, cid, changes),
    writeRange(tx, cid, changes),
    writeExpiry(tx, cid, changes),
    writeReadByAll(tx, cid, changes),
  ]);
  return { outboxId, mentions };
}

/** Answers whom each message mentions then, as JSON, by `seq`. */
async function writeMessages(
  tx: Transaction,
  cid: string,
  changes: readonly MessageChange[],
): Promise<ReadonlyMap<number, string | null>> {
  const last = [...new Map(changes.map(({ after }) => [after.seq, after])).values()];
  const reworded = new Set(changes.flatMap(({ before, after }) => (before.body === after.body ? [] : [after.seq])));
  const rows = await tx<Pick<FrameRow, 'seq' | 'mentions'>[]>`
    update messages m
    set body = new.body::json, reactions = new.reactions::json, poll = new.poll::json,
      previews = new.previews::json, rev = new.rev, changed_at = now(),
      edited_at = case when m.edited_at is null and new.edited then now() else m.edited_at end,
      recalled_at = case when m.recalled_at is null and new.recalled then now() else m.recalled_at end,
      pinned_at = case when new.pinned then coalesce(m.pinned_at, clock_timestamp()) end,
      mentions = case when new.reworded then new.mentions::jsonb else m.mentions end
    from unnest(
      ${last.map(({ seq }) => seq)}::bigint[], ${last.map(({ body }) => body)}::text[],
      ${last.map(({ reactions }) => reactions)}::text[], ${last.map(({ rev }) => rev)}::bigint[],
      ${plainArray(last.map(({ edited }) => edited))}::boolean[],
      ${plainArray(last.map(({ recalled }) => recalled))}::boolean[],
      ${plainArray(last.map(({ pinned }) => pinned))}::boolean[], ${last.map(({ poll }) => poll)}::text[],
      ${last.map(({ previews }) => previews)}::text[],
      ${plainArray(last.map(({ seq }) => reworded.has(seq)))}::boolean[],
      ${last.map((after) => (reworded.has(after.seq) ? mentionsIn(after) : undefined) ?? null)}::text[]
    ) as new (seq, body, reactions, rev, edited, recalled, pinned, poll, previews, reworded, mentions)
    where m.conversation_id = ${cid} and m.seq = new.seq
    returning m.seq, m.mentions::text as mentions`;
  return new Map(rows.map(({ seq, mentions }) => [seq, mentions]));
}

/**
 * The audit trail keeps a message's first body, by which repeats are recognised (IDM-1), and the newest ones (MSG-3).
 * The two statements are sent together.
 */
async function writeAudit(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<void> {
  const replaced = changes.filter(({ item: { change } }) => change.t === 'edit' || change.t === 'recall');
  if (replaced.length === 0) return;
  const seqs = [...new Set(replaced.map(({ after }) => after.seq))];
  await Promise.all([insertAudit(tx, cid, replaced), trimAudit(tx, cid, seqs)]);
}

async function trimAudit(tx: Transaction, cid: string, seqs: readonly number[]): Promise<void> {
  await tx`
    delete from message_edits e
    using unnest(${seqs}::bigint[]) as edited (seq)
    cross join lateral (
      select min(rev) as first from message_edits f where f.conversation_id = ${cid} and f.seq = edited.seq
    ) f
    cross join lateral (
      select rev as last from message_edits n where n.conversation_id = ${cid} and n.seq = edited.seq
      order by rev desc offset ${LIMITS.bodiesInTrail - 1} limit 1
    ) n
    where e.conversation_id = ${cid} and e.seq = edited.seq and e.rev > f.first and e.rev <= n.last`;
}

async function insertAudit(tx: Transaction, cid: string, replaced: readonly MessageChange[]): Promise<void> {
  await tx`
    insert into message_edits
      (conversation_id, seq, rev, tenant_id, action, previous_body, changed_by, changed_at, head)
    select ${cid}::uuid, seq, rev, tenant_id, action, body::json, user_id, now(),
      (select last_seq from conversations where conversation_id = ${cid})
    from unnest(
      ${replaced.map(({ after }) => after.seq)}::bigint[], ${replaced.map(({ after }) => after.rev)}::bigint[],
      ${replaced.map(({ item }) => item.tid)}::uuid[], ${replaced.map(({ item }) => item.change.t)}::text[],
      ${replaced.map(({ before }) => before.body)}::text[], ${replaced.map(({ item }) => item.uid)}::uuid[]
    ) as replaced (seq, rev, tenant_id, action, body, user_id)`;
}

/** Of several changes of one reaction the last one counts; of a recalled message none (REV-11). */
async function writeReactions(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<void> {
  const last = new Map<string, { tid: string; uid: string; seq: number; emoji: string; on: boolean }>();
  for (const { tid, uid, seq, change } of changes.map(({ item }) => item)) {
    if (change.t === 'react') last.set(`${seq} ${uid} ${change.emoji}`, { tid, uid, seq, ...change });
  }
  const recalled = changes.filter(({ after }) => after.recalled).map(({ after }) => after.seq);
  const set = [...last.values()].filter(({ on, seq }) => on && !recalled.includes(seq));
  const taken = [...last.values()].filter(({ on }) => !on);
  await Promise.all([
    recalled.length > 0 &&
      tx`delete from reactions where conversation_id = ${cid} and seq = any(${recalled}::bigint[])`,
    set.length > 0 &&
      tx`
        insert into reactions (conversation_id, seq, user_id, emoji, tenant_id, created_at)
        select ${cid}::uuid, seq, user_id, emoji, tenant_id, now()
        from unnest(
          ${set.map(({ seq }) => seq)}::bigint[], ${set.map(({ uid }) => uid)}::uuid[],
          ${set.map(({ emoji }) => emoji)}::text[], ${set.map(({ tid }) => tid)}::uuid[]
        ) as new (seq, user_id, emoji, tenant_id)
        on conflict do nothing`,
    taken.length > 0 &&
      tx`
        delete from reactions r
        using unnest(
          ${taken.map(({ seq }) => seq)}::bigint[], ${taken.map(({ uid }) => uid)}::uuid[],
          ${taken.map(({ emoji }) => emoji)}::text[]
        ) as old (seq, user_id, emoji)
        where r.conversation_id = ${cid} and r.seq = old.seq and r.user_id = old.user_id and r.emoji = old.emoji`,
  ]);
}

async function writeRange(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<number> {
  const revs = changes.map(({ after }) => after.rev);
  const [row] = await tx<{ id: number }[]>`
    with counted as (
      update conversations set last_rev = ${revs.at(-1) ?? 0} where conversation_id = ${cid}
    )
    insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
    values ('upd', now(), array[${cid}::uuid], array[${revs[0] ?? 0}::bigint], array[${revs.at(-1) ?? 0}::bigint])
    returning id`;
  if (row === undefined) throw new Error('no outbox row');
  return row.id;
}
