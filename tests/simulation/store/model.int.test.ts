/** The model of the database against PostgreSQL: the same commands, in the same order, have the same outcomes. */
import { randomUUID } from 'node:crypto';
import { createUlid, VirtualClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { RpcToken } from '@messagecore/protocol/bus';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changesBatch, historyBatch } from '../../../services/chat-service/src/core/messages/history.ts';
import {
  readHeads,
  readJoins,
  readMembers,
} from '../../../services/chat-service/src/core/positions/position-queries.ts';
import { knownStream, noteProgress, noteStream } from '../../../services/chat-service/src/core/relay/bus-state.ts';
import { contentOf, forget, giveUp, oldest } from '../../../services/chat-service/src/core/relay/outbox.ts';
import { contentSince } from '../../../services/chat-service/src/core/relay/stream-content.ts';
import { forgetEvents, giveUpEvents, oldestEvents } from '../../../services/chat-service/src/core/relay/event-rows.ts';
import type { Sql } from '../../../services/chat-service/src/platform/database/connect.ts';
import { addParticipants } from '../../../services/chat-service/src/core/conversations/add-participants.ts';
import { appendBatch, type AppendItem } from '../../../services/chat-service/src/core/messages/append-batch.ts';
import { changeMessages } from '../../../services/chat-service/src/core/messages/change-message.ts';
import type { PublishEvents } from '../../../services/chat-service/src/core/outbox/emit.ts';
import { readGained } from '../../../services/chat-service/src/core/conversations/gained-conversations.ts';
import { removeParticipant } from '../../../services/chat-service/src/core/conversations/remove-participant.ts';
import type { ChangeQueue } from '../../../services/chat-service/src/core/conversations/change-queue.ts';
import { createDatabase, createRoom, type Room, type TestDatabase } from '../../../services/chat-service/test/rooms.ts';
import { Chance } from '../engine/chance.ts';
import { Process } from '../engine/process.ts';
import { Simulator } from '../engine/simulator.ts';
import { Database } from './database.ts';
import { GENERATION } from './model.ts';
import { simulatedSql } from './sql.ts';

const COMMANDS = 120;

const POLL = JSON.stringify({
  question: 'When?',
  options: ['a', 'b'].map((id) => ({ id, text: id })),
  multiple: true,
});

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});

afterEach(() => database.drop());

/** One side: its way to its database, and a source of ids that gives both sides the same. */
interface Side {
  readonly sql: Sql;
  readonly newMid: () => string;
}

type Command = (side: Side) => Promise<unknown>;

test.each([1, 2, 3])('what chat-service asks is answered as PostgreSQL answers it, seed %i', async (seed) => {
  const chance = new Chance(seed, 'model');
  const room = await createRoom(database.store, { members: 3 });
  const { sql } = database.store;
  const real = { sql, newMid: midsOf(seed) };
  const { simulated, settle } = simulate(room, midsOf(seed));
  const commands = new Commands(chance, room);
  for (let n = 0; n < COMMANDS; n += 1) {
    const { name, command } = commands.next();
    const wanted = await outcomeOf(command, real);
    expect([n, name, await settle(outcomeOf(command, simulated))]).toEqual([n, name, wanted]);
  }
});

function midsOf(seed: number): () => string {
  return createUlid({ clock: new VirtualClock(), random: new Chance(seed, 'mids').random });
}

function simulate({ tid, cid, users }: Room, newMid: () => string) {
  const simulator = new Simulator(1);
  const conditions = { pace: { min: 0.1, max: 1 }, breaksBefore: 0, breaksAfter: 0 };
  const model = new Database(simulator, conditions);
  model.create({
    ...{ cid, tid, kind: 'group', head: 0, rev: 0, access: 0, epoch: 0, first: 1, createdBy: users[0]! },
    participants: new Map(
      users.map((uid, n) => [uid, { role: n === 0 ? 'owner' : 'member', lastRead: 0, joinedAt: model.now }]),
    ),
    messages: new Map(),
    reactions: new Set(),
    votes: new Set(),
  });
  const sql = simulatedSql(model, new Process(simulator, 'service'));
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false;
    void work.finally(() => (settled = true)).catch(() => {});
    await simulator.run(() => settled, 10_000);
    expect(simulator.faults).toEqual([]);
    return work;
  };
  return { simulated: { sql, newMid }, settle };
}

/** An outcome as both sides must have it: without times and ids of rows. */
async function outcomeOf(command: Command, side: Side): Promise<unknown> {
  const outcome = await command(side).catch((error: unknown) =>
    error instanceof ChatError ? error : Promise.reject(error),
  );
  const plain = JSON.stringify(outcome, (key, value: unknown) => {
    if (value instanceof ChatError) return { error: value.code };
    return ['at', 'outboxId', 'ageMs', 'id', 'part'].includes(key) ? undefined : value;
  });
  return plain === undefined ? undefined : JSON.parse(plain.replace(/\\"at\\":\d+/g, '\\"at\\":0'));
}

class Commands {
  readonly #chance: Chance;
  readonly #room: Room;
  readonly #stranger = randomUUID();
  readonly #newMid = createUlid({ clock: new VirtualClock(1) });
  #sent: AppendItem[] = [];

  constructor(chance: Chance, room: Room) {
    this.#chance = chance;
    this.#room = room;
  }

  next(): { name: string; command: Command } {
    const kinds = [
      'append',
      'append',
      'append',
      'change',
      'change',
      'member',
      'read',
      'read',
      'publish',
      'stream',
    ] as const;
    const name = this.#chance.of(kinds);
    return { name, command: this.#draw(name) };
  }

  #draw(name: 'append' | 'change' | 'member' | 'read' | 'publish' | 'stream'): Command {
    switch (name) {
      case 'append':
        return this.#append();
      case 'change':
        return this.#change();
      case 'member':
        return this.#member();
      case 'read':
        return this.#read();
      case 'publish':
        return publishAll;
      case 'stream':
        return noteAll(this.#room.cid, this.#chance.int(1, 3));
    }
  }

  get #anybody(): string {
    return this.#chance.hits(0.1) ? this.#stranger : this.#chance.of(this.#room.users);
  }

  get #seq(): number {
    return this.#chance.int(1, this.#sent.length + 2);
  }

  /** In force, revoked, or none. */
  get #token(): RpcToken | undefined {
    const device = this.#chance.hits(0.5) ? 'device "1"' : undefined;
    const generation = this.#chance.hits(0.9) ? GENERATION : GENERATION - 1;
    return this.#chance.hits(0.2) ? undefined : { generation, ...(device !== undefined && { device }) };
  }

  #append(): Command {
    const items = new Map<string, AppendItem>();
    for (let n = this.#chance.int(1, 4); n > 0; n -= 1) {
      const item = this.#item();
      items.set(item.mid, item);
    }
    const batch = [...items.values()];
    const overRate = new ChatError('rate_limited', undefined, { retryAfterMs: 250 });
    const refusals = batch.map(() => (this.#chance.hits(0.1) ? overRate : undefined));
    this.#sent.push(...batch);
    return ({ sql }) => appendBatch(sql, batch, refusals);
  }

  #item(): AppendItem {
    const { tid, cid } = this.#room;
    const body = JSON.stringify({ text: `"quoted", {braces} \\ 界 ${this.#chance.int(0, 3)}` });
    const sender = { tid, cid, uid: this.#anybody, token: this.#token };
    const what = this.#chance.hits(0.3) ? { kind: 'poll', body: POLL } : { kind: 'text', body };
    const fresh = { ...sender, mid: this.#newMid(), clientId: 'device "1"', ...what };
    const old = this.#sent.length > 0 && this.#chance.hits(0.4) ? this.#chance.of(this.#sent) : undefined;
    if (old === undefined) return this.#chance.hits(0.1) ? { ...fresh, cid: this.#stranger } : fresh;
    return this.#chance.hits(0.7) ? old : { ...old, body };
  }

  #change(): Command {
    const { tid, cid } = this.#room;
    const place = () => ({ tid, cid, uid: this.#anybody, token: this.#token, seq: this.#seq });
    const items = Array.from({ length: this.#chance.int(1, 3) }, () =>
      this.#chance.of([
        { ...place(), change: { t: 'edit' as const, body: { text: `edited ${this.#chance.int(0, 2)}` } } },
        { ...place(), change: { t: 'recall' as const } },
        { ...place(), change: { t: 'react' as const, emoji: '👍', on: this.#chance.hits(0.6) } },
        { ...place(), change: { t: 'vote' as const, options: this.#chance.of([[], ['a'], ['b'], ['a', 'b']]) } },
        { ...place(), change: { t: 'closePoll' as const } },
      ]),
    );
    return async ({ sql }) => {
      const published: unknown[] = [];
      const outcomes = await changeMessages({ sql, publish: ({ ranges }) => published.push(ranges) }, items);
      return { outcomes, published };
    };
  }

  #member(): Command {
    const { tid, cid, users } = this.#room;
    const uid = this.#chance.of(users.slice(1));
    const adds = this.#chance.hits(0.6);
    return async ({ sql, newMid }) => {
      const said: unknown[] = [];
      const say = (...what: unknown[]) => void said.push(what);
      const limits = { take: async () => [0], giveBack: async () => {} };
      const inTurn: ChangeQueue = (_, work) => work();
      const publish = ({ ranges }: { ranges: unknown }) => say(ranges);
      const publishEvents: PublishEvents = (events) => {
        say(...events.map(({ before, ...event }) => ({ ...event, isFirst: before === undefined })));
      };
      const deps = { sql, manage: sql, inTurn, limits, newMid, publish, publishEvents, onAdded: [] };
      const changer = { tid, uid: undefined };
      if (adds) return { result: await addParticipants(deps, changer, cid, { users: [uid], role: 'member' }), said };
      return { result: await removeParticipant(deps, changer, cid, uid), said };
    };
  }

  #read(): Command {
    const { tid, cid, users } = this.#room;
    const [from, after] = [this.#seq, this.#chance.int(0, 5)];
    const places = [
      { tid, cid },
      { tid, cid: this.#stranger },
      { tid: this.#stranger, cid },
    ];
    return async ({ sql }) => ({
      heads: await readHeads(sql, places),
      joins: await readJoins(
        sql,
        [...users, this.#stranger].flatMap((uid) => places.map((place) => ({ ...place, uid }))),
      ),
      members: (
        await readMembers(
          sql,
          places.map((place) => ({ ...place, users: [...users] })),
        )
      ).map((found) => (found instanceof ChatError ? found : { ...found, users: found.users.toSorted() })),
      gained: await readGained(
        sql,
        places.flatMap(({ tid: of }) => users.map((uid) => ({ tid: of, uid, withinMs: 86_400_000 }))),
      ),
      history: await historyBatch(sql, { tid, cid, from, to: from + 10, limit: 5 }),
      changes: await changesBatch(sql, { tid, cid, after, limit: 3 }),
    });
  }
}

/** What the relay does, without its wait. */
const publishAll: Command = async ({ sql }) => {
  const rows = await oldest(sql, { ageMs: -1_000, orphanAgeMs: -1_000, rows: 100, frames: 10_000 });
  const ids = rows.map(({ id }) => id);
  const stored = rows.flatMap((row) => row.ranges);
  const ranges = [];
  for await (const range of contentOf(sql, stored)) ranges.push(range);
  if (ids.length > 0) await giveUp(sql, ids);
  if (ids.length > 0) await forget(sql, ids);
  const events = await oldestEvents(sql, { ageMs: -1_000, orphanAgeMs: -1_000, rows: 100 });
  const eventIds = events.map(({ id }) => id);
  if (eventIds.length > 0) await giveUpEvents(sql, eventIds);
  if (eventIds.length > 0) await forgetEvents(sql, eventIds);
  return { rows: ids.length, ranges, events };
};

/** What the guard of the stream does, with what a refill of it would publish of the room. */
const noteAll =
  (cid: string, lastSeq: number): Command =>
  async ({ sql }) => {
    const before = await knownStream(sql);
    if (lastSeq === 1) await noteStream(sql, { createdAt: 'birth', lastSeq });
    else await noteProgress(sql, { createdAt: 'birth', lastSeq });
    const content = [];
    for await (const range of contentSince({ sql, patient: sql }, 600_000)) {
      if (range.cid === cid) content.push(range);
    }
    return { before, after: await knownStream(sql), content };
  };
