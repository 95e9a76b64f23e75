/** Statements of the relay and of the guard of the stream. */
import type { Transaction } from './database.ts';
import type { ConversationRow, StoredRow } from './model.ts';
import { frameRow, numbers, type Row, type Statement } from './rows.ts';

function forget(transaction: Transaction, ids: unknown): readonly Row[] {
  for (const id of numbers(ids)) transaction.outboxDeleted.add(id ?? 0);
  return [];
}

function contentOf(transaction: Transaction, ids: unknown): Row[] {
  const wanted = new Set(numbers(ids));
  const rows = transaction.outboxRows().filter(({ id }) => wanted.has(id));
  return rows
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, topic, ranges }) =>
      ranges.flatMap(({ cid, first, last }, at) => {
        const conversation = transaction.get(cid);
        if (conversation === undefined) return [];
        const numberOf = topic === 'msg' ? ({ seq }: StoredRow) => seq : ({ rev }: StoredRow) => rev;
        return [...conversation.messages.values()]
          .filter((row) => numberOf(row) >= first && numberOf(row) <= last && numberOf(row) > 0)
          .sort((a, b) => numberOf(a) - numberOf(b))
          .map((row) => numbered(conversation, row, topic, `${id}.${at + 1}`));
      }),
    );
}

function numbered(conversation: ConversationRow, row: StoredRow, topic: 'msg' | 'upd', part: string): Row {
  const number = topic === 'msg' ? row.seq : row.rev;
  return { part, topic, number, tid: conversation.tid, ...frameRow(conversation, row) };
}

function allSince(transaction: Transaction, ageMs: unknown, topic: 'msg' | 'upd'): Row[] {
  const since = transaction.startedAt - (ageMs as number);
  const conversations = [...transaction.database.conversations.values()].sort((a, b) => (a.cid < b.cid ? -1 : 1));
  return conversations.flatMap((conversation) => {
    const wanted = [...conversation.messages.values()].filter((row) =>
      topic === 'msg' ? row.at > since : row.rev > 0 && row.changedAt > since,
    );
    const ordered = wanted.sort((a, b) => (topic === 'msg' ? a.seq - b.seq : a.rev - b.rev));
    return ordered.map((row) => numbered(conversation, row, topic, topic));
  });
}

export const PUBLICATION: readonly Statement[] = [
  {
    words: ["select set_config('statement_timeout', ?, true)", 'pg_try_advisory_xact_lock(?) as mine'],
    run: (transaction, [, , key]) => [{ mine: transaction.database.tryAdvisory(transaction, key as number) }],
  },
  { words: ['delete from outbox'], run: (transaction, [ids]) => forget(transaction, ids) },
  {
    words: ['select id, (select sum(last - first + 1)', 'from outbox where created_at <'],
    run(transaction, [ageMs, limit]) {
      if (transaction.database.variant.hidesOutbox === true) return [];
      const before = transaction.startedAt - (ageMs as number);
      const rows = transaction.outboxRows().filter(({ createdAt }) => createdAt < before);
      return rows
        .sort((a, b) => a.id - b.id)
        .slice(0, limit as number)
        .map(({ id, ranges }) => ({ id, frames: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0) }));
    },
  },
  {
    words: ["select range.id || '.' || place as part"],
    run: (transaction, [ids]) => contentOf(transaction, ids),
  },
  {
    words: ["select 'msg' as part", 'm.created_at >'],
    run: (transaction, [ageMs]) => allSince(transaction, ageMs, 'msg'),
  },
  {
    words: ["select 'upd' as part", 'm.changed_at >'],
    run: (transaction, [ageMs]) => allSince(transaction, ageMs, 'upd'),
  },
  {
    words: ['select created_at as "createdAt", last_seq as "lastSeq"', 'from bus_state'],
    run({ database, busState = database.busState }) {
      if (busState === undefined) return [];
      const { createdAt, lastSeq, seenAt } = busState;
      return [{ createdAt, lastSeq, ageMs: Math.max(0, database.now - seenAt) }];
    },
  },
  {
    words: ['update bus_state set last_seq = greatest(last_seq, ?)'],
    run(transaction, [lastSeq, , createdAt]) {
      const known = transaction.database.busState;
      if (known === undefined || known.createdAt !== createdAt) return [];
      const furthest = Math.max(known.lastSeq, lastSeq as number);
      transaction.busState = { ...known, lastSeq: furthest, seenAt: transaction.startedAt };
      return [];
    },
  },
  {
    words: ['insert into bus_state'],
    run(transaction, [, createdAt, lastSeq]) {
      const { startedAt: seenAt } = transaction;
      transaction.busState = { createdAt: createdAt as string, lastSeq: lastSeq as number, seenAt };
      return [];
    },
  },
];
