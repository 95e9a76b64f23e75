/** Statements of the relay and of the guard of the stream. */
import type { Transaction } from './database.ts';
import type { ConversationRow, StoredRow } from './model.ts';
import { frameRow, numbers, type Row, type Statement } from './rows.ts';

function forget(transaction: Transaction, ids: unknown): readonly Row[] {
  for (const id of numbers(ids)) transaction.outboxDeleted.add(id ?? 0);
  return [];
}

/** Ranges of the outbox as the relay names them, a piece of them at a time. */
function contentOf(transaction: Transaction, [parts, topics, cids, firsts, lasts]: readonly unknown[]): Row[] {
  const [topic, cid] = [words(topics), words(cids)];
  const [first, last] = [numbers(firsts), numbers(lasts)];
  return words(parts).flatMap((part, n) => {
    const conversation = transaction.get(cid[n] ?? '');
    if (conversation === undefined) return [];
    const numberOf = topic[n] === 'msg' ? ({ seq }: StoredRow) => seq : ({ rev }: StoredRow) => rev;
    return [...conversation.messages.values()]
      .filter((row) => numberOf(row) >= (first[n] ?? 0) && numberOf(row) <= (last[n] ?? 0) && numberOf(row) > 0)
      .sort((a, b) => numberOf(a) - numberOf(b))
      .map((row) => numbered(conversation, row, topic[n] === 'msg' ? 'msg' : 'upd', part));
  });
}

const words = (array: unknown): string[] => String(array).slice(1, -1).split(',').filter(Boolean);

/** The oldest rows, and whether each is nobody's any more. */
function oldest(transaction: Transaction, [ageMs, orphanAgeMs, from, limit]: readonly unknown[]): Row[] {
  const { database, startedAt } = transaction;
  if (database.variant.hidesOutbox === true) return [];
  return transaction
    .outboxRows()
    .filter(({ id }) => id >= (from as number))
    .sort((a, b) => a.id - b.id)
    .slice(0, limit as number)
    .map(({ id, topic, ranges, createdAt, writer }) => ({
      ...{ id, topic },
      cids: `{${ranges.map(({ cid }) => cid).join(',')}}`,
      firsts: `{${ranges.map(({ first }) => first).join(',')}}`,
      lasts: `{${ranges.map(({ last }) => last).join(',')}}`,
      left:
        writer === undefined ||
        createdAt < startedAt - (ageMs as number) ||
        (createdAt < startedAt - (orphanAgeMs as number) && database.isGone(writer)),
    }));
}

/** Settled at once: what a lease says is not taken back with its transaction, which does nothing else. */
function takeLease({ database, owner }: Transaction, [name, holder, ms]: readonly unknown[]): Row[] {
  const held = database.leases.get(name as string);
  const isFree = held === undefined || held.until < database.now || database.isGone(held.owner);
  if (!isFree && held.holder !== holder) return [];
  database.leases.set(name as string, { holder: holder as string, owner, until: database.now + (ms as number) });
  return [{ name }];
}

function numbered(conversation: ConversationRow, row: StoredRow, topic: 'msg' | 'upd', part: string): Row {
  const number = topic === 'msg' ? row.seq : row.rev;
  return { part, topic, number, tid: conversation.tid, ...frameRow(conversation, row) };
}

/** The first and the last number of each conversation since then, a page of conversations at a time. */
function lately(transaction: Transaction, topic: 'msg' | 'upd', [since, after, limit]: readonly unknown[]): Row[] {
  return [...transaction.database.conversations.values()]
    .filter(({ cid }) => cid > (after as string))
    .sort((a, b) => (a.cid < b.cid ? -1 : 1))
    .flatMap(({ cid, messages }) => {
      const numbers = [...messages.values()].flatMap((row) => {
        if (topic === 'msg') return row.at > Number(since) ? [row.seq] : [];
        return row.rev > 0 && row.changedAt > Number(since) ? [row.rev] : [];
      });
      return numbers.length === 0 ? [] : [{ cid, first: Math.min(...numbers), last: Math.max(...numbers) }];
    })
    .slice(0, limit as number);
}

export const PUBLICATION: readonly Statement[] = [
  { words: ['delete from outbox using'], run: (transaction, [ids]) => forget(transaction, ids) },
  {
    words: ['update outbox set writer_pid = null'],
    run(transaction, [ids]) {
      for (const id of numbers(ids)) transaction.outboxGivenUp.add(id ?? 0);
      return [];
    },
  },
  {
    words: ['select id, topic, conversation_ids::text as cids', 'from outbox where id >= ? order by id limit ?'],
    run: oldest,
  },
  // Somebody goes on for ever, so that the floor of the outbox stays where it is.
  { words: ['pg_current_xact_id()', 'from outbox_id_seq'], run: () => [{ drawn: 0, before: 1, server: 'one' }] },
  { words: ['pg_snapshot_xmin(', 'from outbox where id >= ?'], run: () => [{ server: 'one', going: 0, lowest: null }] },
  { words: ['with range as materialized', 'select part, topic, number'], run: contentOf },
  { words: ['insert into leases'], run: takeLease },
  {
    words: ['update leases set held_until'],
    run({ database }, [name, holder]) {
      if (database.leases.get(name as string)?.holder === holder) database.leases.delete(name as string);
      return [];
    },
  },
  {
    words: ["interval '1 millisecond')::text as since"],
    run: ({ startedAt }, [ms]) => [{ since: String(startedAt - (ms as number)) }],
  },
  { words: ["select set_config('statement_timeout', '0', true)"], run: () => [] },
  {
    words: ['min(seq) as first', 'created_at > ?'],
    run: (transaction, values) => lately(transaction, 'msg', values),
  },
  {
    words: ['min(rev) as first', 'changed_at > ?'],
    run: (transaction, values) => lately(transaction, 'upd', values),
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
