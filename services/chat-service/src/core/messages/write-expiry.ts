/** Raw SQL: many rows in one statement, by arrays, as write-changes.ts. */
import type { Transaction } from '../../platform/database/connect.ts';
import type { MessageChange } from './change-state.ts';

/** What an expired message said is nowhere any more: its trail ends, and repeats are recognised without it (EXPR-6). */
export async function writeExpiry(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<void> {
  const expired = changes.filter(({ item: { change } }) => change.t === 'expire').map(({ after }) => after.seq);
  if (expired.length === 0) return;
  await Promise.all([
    tx`update messages set expired_at = now() where conversation_id = ${cid} and seq = any(${expired}::bigint[])`,
    tx`delete from message_edits where conversation_id = ${cid} and seq = any(${expired}::bigint[])`,
    waitNoMore(tx, cid, expired),
  ]);
}

/** The time of these messages has begun (EXPR-7). When they would have expired unread is kept: repeats are recognised by it. */
export async function writeReadByAll(tx: Transaction, cid: string, changes: readonly MessageChange[]): Promise<void> {
  const read = changes.filter(({ item: { change } }) => change.t === 'readByAll').map(({ after }) => after);
  if (read.length === 0) return;
  const seqs = read.map(({ seq }) => seq);
  await Promise.all([
    tx`
      update messages m set read_by_all_at = now(), expires_unread_at = m.expires_at,
        expires_at = to_timestamp(read.expires_at / 1000.0)
      from unnest(${seqs}::bigint[], ${read.map(({ expiresAt }) => expiresAt)}::bigint[]) as read (seq, expires_at)
      where m.conversation_id = ${cid} and m.seq = read.seq`,
    waitNoMore(tx, cid, seqs),
  ]);
}

const waitNoMore = (tx: Transaction, cid: string, seqs: readonly number[]) =>
  tx`delete from messages_awaiting_reading where conversation_id = ${cid} and seq = any(${[...seqs]}::bigint[])`;
