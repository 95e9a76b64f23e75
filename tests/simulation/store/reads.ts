import type { Transaction } from './database.ts';
import type { ConversationRow, StoredRow } from './model.ts';
import { frameRow, type Row, type Statement, type Values } from './rows.ts';

function place({ head, rev, epoch, first, access }: ConversationRow): Row {
  return { head, rev, epoch, first, access };
}

function find(transaction: Transaction, tid: unknown, cid: unknown): ConversationRow | undefined {
  const conversation = transaction.get(cid as string);
  return conversation?.tid === tid ? conversation : undefined;
}

function page(
  transaction: Transaction,
  [cid, tid]: Values,
  wanted: (row: StoredRow) => boolean,
  numberOf: (row: StoredRow) => number,
  limit: unknown,
): Row[] {
  const conversation = find(transaction, tid, cid);
  if (conversation === undefined) return [];
  return [...conversation.messages.values()]
    .filter(wanted)
    .sort((a, b) => numberOf(a) - numberOf(b))
    .slice(0, Number(limit))
    .map((row) => frameRow(conversation, row));
}

/** Conversations that a user was added to within so long, the latest first. */
function gained(transaction: Transaction, tid: unknown, uid: string, withinMs: number, most: number): string[] {
  const joined = [...transaction.database.conversations.values()].flatMap((conversation) => {
    const { joinedAt } = conversation.participants.get(uid) ?? {};
    if (joinedAt === undefined || conversation.tid !== tid) return [];
    return joinedAt > transaction.startedAt - withinMs ? [{ cid: conversation.cid, joinedAt }] : [];
  });
  const latest = joined.toSorted((a, b) => b.joinedAt - a.joinedAt).slice(0, most);
  return latest.map(({ cid }) => cid);
}

const NO_ROOM = { found: false, member: false, listener: false, reads: null, from: null };

export const READS: readonly Statement[] = [
  {
    words: ['select array( select p.conversation_id', 'p.joined_at > now()'],
    run: (transaction, [most, tids, uids, within]) =>
      (uids as string[]).map((uid, n) => {
        const [tid, withinMs = 0] = [(tids as string[])[n], (within as number[])[n]];
        return { cids: gained(transaction, tid, uid, withinMs, most as number) };
      }),
  },
  {
    words: ['c.conversation_id is not null as found, p.user_id is not null as member', 'as listener'],
    run: (transaction, [tids, uids, cids]) =>
      (cids as string[]).map((cid, n) => {
        const conversation = find(transaction, (tids as string[])[n], cid);
        if (conversation === undefined) return NO_ROOM;
        const reads = Object.fromEntries([...conversation.participants].map(([uid, { lastRead }]) => [uid, lastRead]));
        const member = conversation.participants.has((uids as string[])[n] ?? '');
        return { ...place(conversation), found: true, member, listener: false, reads, from: null };
      }),
  },
  {
    words: ['select c.conversation_id is not null as found, c.last_seq as head'],
    run: (transaction, [tids, cids]) =>
      (cids as string[]).map((cid, n) => {
        const conversation = find(transaction, (tids as string[])[n], cid);
        return conversation === undefined ? { found: false } : { ...place(conversation), found: true };
      }),
  },
  {
    words: ['select c.access_rev as access, coalesce(array_agg(named.uid)'],
    run: (transaction, [tids, cids, users, places]) =>
      (cids as string[]).map((cid, n) => {
        const conversation = find(transaction, (tids as string[])[n], cid);
        const named = (users as string[]).filter((_, at) => (places as number[])[at] === n + 1);
        return {
          access: conversation?.access ?? null,
          users: named.filter((uid) => conversation?.participants.has(uid)),
          listeners: null,
        };
      }),
  },
  {
    words: ['m.seq between ? and ? order by m.seq limit ?'],
    run: (transaction, [cid, tid, from, to, limit]) =>
      page(
        transaction,
        [cid, tid],
        ({ seq }) => seq >= (from as number) && seq <= (to as number),
        ({ seq }) => seq,
        limit,
      ),
  },
  {
    words: ['m.tenant_id = ? and m.rev > ? and m.rev > 0 order by m.rev limit ?'],
    run: (transaction, [cid, tid, after, limit]) =>
      page(
        transaction,
        [cid, tid],
        ({ rev }) => rev > (after as number) && rev > 0,
        ({ rev }) => rev,
        limit,
      ),
  },
];
