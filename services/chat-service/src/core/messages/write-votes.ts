/** Raw SQL: many rows in one statement, by arrays. */
import type { Transaction } from '../../platform/database/connect.ts';
import type { MessageChange } from './change-state.ts';

/** A vote takes the place of the one before; of several of one user the last one counts, of a recalled message none. */
export async function writeVotes(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<void> {
  const last = new Map<string, { tid: string; uid: string; seq: number; options: readonly string[] }>();
  for (const { tid, uid, seq, change } of changes.map(({ item }) => item)) {
    if (change.t === 'vote') last.set(`${seq} ${uid}`, { tid, uid, seq, options: change.options });
  }
  const recalled = changes.filter(({ after }) => after.recalled).map(({ after }) => after.seq);
  const replaced = [...last.values()];
  const cast = replaced
    .filter(({ seq }) => !recalled.includes(seq))
    .flatMap(({ options, ...vote }) => options.map((option) => ({ ...vote, option })));
  // In this order: they are sent together, and carried out one after the other.
  await Promise.all([
    recalled.length > 0 &&
      tx`delete from poll_votes where conversation_id = ${cid} and seq = any(${recalled}::bigint[])`,
    replaced.length > 0 &&
      tx`
        delete from poll_votes v
        using unnest(
          ${replaced.map(({ seq }) => seq)}::bigint[], ${replaced.map(({ uid }) => uid)}::uuid[]
        ) as old (seq, user_id)
        where v.conversation_id = ${cid} and v.seq = old.seq and v.user_id = old.user_id`,
    cast.length > 0 &&
      tx`
        insert into poll_votes (conversation_id, seq, user_id, option, tenant_id, created_at)
        select ${cid}::uuid, seq, user_id, option, tenant_id, now()
        from unnest(
          ${cast.map(({ seq }) => seq)}::bigint[], ${cast.map(({ uid }) => uid)}::uuid[],
          ${cast.map(({ option }) => option)}::text[], ${cast.map(({ tid }) => tid)}::uuid[]
        ) as new (seq, user_id, option, tenant_id)`,
  ]);
}
