/** Statements of events: stored with what they tell of, published by their writer or by the relay. */
import type { Transaction } from './database.ts';
import { arrayOf, numbers, type Row, type Statement } from './rows.ts';

interface GivenEvent {
  readonly topic: string;
  readonly tid: string;
  readonly about: string;
  readonly users?: readonly string[];
  readonly payload: string;
}

function insert(transaction: Transaction, [events]: readonly unknown[]): Row[] {
  const given = JSON.parse(events as string) as GivenEvent[];
  const befores = given.map(({ topic, about }) => transaction.lastEvent(topic, about));
  return given.map(({ topic, tid, about, users, payload }, n) => ({
    id: transaction.addEvent({ topic, tid, about, users, payload }),
    before: befores[n],
  }));
}

/** Those that nobody else publishes, and that follow nothing that somebody else does. */
function oldest(transaction: Transaction, [ageMs, orphanAgeMs, , rows]: readonly unknown[]): Row[] {
  const { database, startedAt } = transaction;
  if (database.variant.hidesOutbox === true) return [];
  const blocked = new Set<string>();
  const free = transaction
    .eventRows()
    .sort((a, b) => a.id - b.id)
    .filter(({ topic, about, writer, createdAt }) => {
      const isLeft =
        writer === undefined ||
        createdAt < startedAt - (ageMs as number) ||
        (createdAt < startedAt - (orphanAgeMs as number) && database.isGone(writer));
      if (!isLeft) blocked.add(topic + about);
      return !blocked.has(topic + about);
    });
  return free.slice(0, rows as number).map(({ id, topic, tid, about, users, payload }) => ({
    ...{ id, topic, tid, about, payload },
    users: users === undefined ? null : arrayOf(users),
  }));
}

export const EVENTS: readonly Statement[] = [
  { words: ['insert into outbox_events as o'], run: insert },
  {
    words: ['delete from outbox_events'],
    run(transaction, [ids]) {
      for (const id of numbers(ids)) transaction.eventsDeleted.add(id ?? 0);
      return [];
    },
  },
  {
    words: ['update outbox_events set writer_pid = null'],
    run(transaction, [ids]) {
      for (const id of numbers(ids)) transaction.eventsGivenUp.add(id ?? 0);
      return [];
    },
  },
  // No conversation of a simulation is so large.
  { words: ['from outbox_participants order by id limit ?'], run: () => [] },
  { words: ['with oldest as materialized', 'from outbox_events order by id limit ?'], run: oldest },
];
