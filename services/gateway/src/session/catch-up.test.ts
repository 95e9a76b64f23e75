import { VirtualClock } from '@messagecore/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newAllowances } from './allowances.fixture.ts';
import { CatchUp, type CatchUpDeps } from './catch-up.ts';
import { Membership } from './membership.ts';
import { Pacer } from './pacer.ts';
import { FakeRoom, FakeSink } from './room.fixture.ts';

const turnOver = () => new Promise<void>((resolve) => void setImmediate(resolve));

function open(rooms: readonly FakeRoom[], deps: Partial<CatchUpDeps> = {}) {
  const sink = new FakeSink();
  const clock = { now: 0 };
  const errors: unknown[] = [];
  const catchUp = new CatchUp({
    sink,
    pacer: new Pacer(() => performance.now()),
    allowance: newAllowances().enter('user'),
    now: () => clock.now,
    onError: (error) => errors.push(error),
    onReplayed() {},
    later: (_ms, fn) => setImmediate(fn),
    ...deps,
  });
  const memberships = new Set<Membership>();
  const owner = {
    sink,
    sid: 'sid',
    userId: 'user',
    fellBehind: (membership: Membership) => void catchUp.fellBehind(membership, memberships),
    muted: () => {},
    expelled: () => {},
    restarted: () => {},
  };
  const join = (room: FakeRoom, since: number, rev: number): Membership => {
    const membership = new Membership(owner, room, { seq: since, rev, reads: room.reads });
    memberships.add(membership);
    room.enter(membership);
    catchUp.start(membership);
    return membership;
  };
  const leave = (membership: Membership): void => {
    membership.left = true;
    memberships.delete(membership);
    catchUp.forget(membership);
    membership.room.leave(membership);
  };
  return { sink, clock, catchUp, errors, join, leave, rooms };
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const share = fc.double({ min: 0, max: 1, noNaN: true });

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'store' as const }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('change' as const), of: share }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), messages: fc.nat(4), changes: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'read' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'answer' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'fill' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'drain' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'shrink' as const }) },
);

test('[JOIN-3] [RES-2] [REV-3] [REV-4] [READ-5] [LAG-2] from any cursor, whatever happens meanwhile, a session ends with the record, in order, each message once, and knows who has read how far', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        stored: fc.integer({ min: 0, max: 25 }),
        changed: fc.array(share, { maxLength: 10 }),
        since: share,
        rev: share,
        erased: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 3 }),
        windowFrom: share,
        windowRev: share,
        delayFetches: fc.boolean(),
      }),
      fc.array(step, { maxLength: 50 }),
      async (before, steps) => {
        const room = new FakeRoom();
        for (const _ of range(1, before.stored)) room.store();
        if (before.stored > 0) for (const of of before.changed) room.change(1 + Math.floor(of * (before.stored - 1)));
        for (const seq of before.erased) if (seq <= before.stored) room.erased.add(seq);
        room.send(Infinity, Infinity);
        room.windowFrom = 1 + Math.floor(before.windowFrom * room.seq);
        room.windowRev = Math.floor(before.windowRev * room.rev);
        room.delayFetches = before.delayFetches;
        const since = Math.floor(before.since * room.seq);
        // A client that holds messages up to `since` has seen changes to those alone.
        const rev = Math.floor(before.rev * room.rev);
        const { sink, join } = open([room]);
        const member = join(room, since, rev);

        for (const action of steps) {
          if (action.do === 'store') room.store();
          else if (action.do === 'change' && room.head > 0) room.change(1 + Math.floor(action.of * (room.head - 1)));
          else if (action.do === 'send') room.send(action.messages, action.changes);
          else if (action.do === 'read') room.read(room.reads + 1);
          else if (action.do === 'answer') for (const answer of room.pending.splice(0)) answer();
          else if (action.do === 'turn') await turnOver();
          else if (action.do === 'fill') sink.fill();
          else if (action.do === 'drain') sink.drain();
          else if (action.do === 'shrink') [room.windowFrom, room.windowRev] = [room.seq + 1, room.rev];
        }
        room.delayFetches = false;
        sink.drain();
        room.send(Infinity, Infinity);
        for (let turns = 0; turns < 300 && !(member.live && sink.buffered === 0); turns += 1) {
          for (const answer of room.pending.splice(0)) answer();
          if (sink.waitsForDrain) sink.drain();
          await turnOver();
        }
        expect(member.live).toBe(true);
        expect([member.seq, member.rev]).toEqual([room.head, room.changes.length]);
        expect(sink.positions.at(-1) ?? 0).toBe(room.reads);
        judge(room, sink, since, rev);
      },
    ),
    { numRuns: 400 },
  );
});

/** Applies what came to what the client held, and compares with the record. */
function judge(room: FakeRoom, sink: FakeSink, since: number, rev: number): void {
  const state = new Map<number, number>();
  for (const seq of range(1, since)) state.set(seq, room.stateOf(seq, rev));
  let next = since + 1;
  let lastRev = 0;
  for (const frame of sink.got) {
    if (frame.t === 'message') {
      expect(frame.seq).toBe(next);
      state.set(frame.seq, frame.rev);
      next += 1;
    } else if (frame.t === 'gap') {
      expect(frame.from).toBe(next);
      next = frame.to! + 1;
    } else if (frame.t === 'update') {
      expect(frame.rev).toBeGreaterThan(lastRev);
      lastRev = frame.rev;
      expect(state.has(frame.seq) || room.erased.has(frame.seq)).toBe(true);
      state.set(frame.seq, Math.max(frame.rev, state.get(frame.seq) ?? 0));
    }
  }
  expect(next).toBe(room.head + 1);
  for (const seq of range(1, room.head)) {
    if (!room.erased.has(seq)) expect([seq, state.get(seq)]).toEqual([seq, room.stateOf(seq)]);
  }
}

test('a session that has missed nothing is live at once', () => {
  const room = new FakeRoom();
  room.store();
  room.send(1, 0);
  const { join, sink, catchUp } = open([room]);
  expect(join(room, 1, 0).live).toBe(true);
  expect([sink.got, catchUp.lagging, catchUp.behindMs]).toEqual([[], false, 0]);
});

test('[RES-5] conversations take turns, and a reader that stops sets the pace', async () => {
  const rooms = range(1, 10).map(() => new FakeRoom());
  for (const room of rooms) {
    for (const _ of range(1, 40)) room.store();
    room.send(Infinity, 0);
    room.pageSize = 1;
  }
  const { join, sink } = open(rooms);
  sink.fill(200 * 1024);
  const members = rooms.map((room) => join(room, 0, 0));
  await turnOver();
  await turnOver();
  expect(sink.got).toEqual([]);
  expect(sink.waitsForDrain).toBe(true);
  sink.drain();
  await turnOver();
  const firsts = sink.got.slice(0, 10).map(({ seq }) => seq);
  expect(firsts).toEqual(Array<number>(10).fill(1));
  for (let turns = 0; turns < 100; turns += 1) await turnOver();
  expect(members.every(({ live }) => live)).toBe(true);
});

test('pages are fetched a few at a time, and a failure is tried again', async () => {
  const rooms = range(1, 12).map(() => new FakeRoom());
  for (const room of rooms) {
    room.store();
    room.send(1, 0);
    room.windowFrom = 2;
    room.delayFetches = true;
  }
  const { join, errors } = open(rooms);
  const members = rooms.map((room) => join(room, 0, 0));
  for (let turns = 0; turns < 5; turns += 1) await turnOver();
  expect(rooms.filter(({ pending }) => pending.length > 0)).toHaveLength(2);
  const failing = rooms[0]!;
  const { fetchMessages } = failing;
  failing.fetchMessages = () => Promise.reject(new Error('not now'));
  for (let turns = 0; turns < 50; turns += 1) {
    for (const room of rooms.slice(1)) for (const answer of room.pending.splice(0)) answer();
    await turnOver();
  }
  expect(members.slice(1).every(({ live }) => live)).toBe(true);
  failing.fetchMessages = fetchMessages;
  failing.delayFetches = false;
  for (const answer of failing.pending.splice(0)) answer();
  for (let turns = 0; turns < 20; turns += 1) await turnOver();
  expect(members[0]!.live).toBe(true);
  expect(errors.length).toBeGreaterThanOrEqual(0);
});

test('while pages are on their way no turn of the loop is taken', async () => {
  const rooms = range(1, 12).map(() => new FakeRoom());
  for (const room of rooms) {
    room.store();
    room.send(1, 0);
    room.windowFrom = 2;
    room.delayFetches = true;
  }
  let taken = 0;
  const pacer = new Pacer(
    () => 0,
    (run) => {
      taken += 1;
      setImmediate(run);
    },
  );
  const { join } = open(rooms, { pacer });
  for (const room of rooms) join(room, 0, 0);
  for (let turns = 0; turns < 50; turns += 1) await turnOver();
  expect(taken).toBeLessThan(5);
});

test('[LIM-18] what is replayed is counted, and the rest waits until it is due', async () => {
  const clock = new VirtualClock();
  const allowance = newAllowances({ clock, replay: { perSecond: 1, burst: 1 } }).enter('user');
  const rooms = [new FakeRoom(), new FakeRoom()] as const;
  for (const room of rooms) {
    room.store();
    room.send(1, 0);
  }
  const waits: (() => void)[] = [];
  const { join, sink } = open(rooms, { allowance, later: (_ms, fn) => waits.push(fn) });
  sink.swells = true;
  const members = rooms.map((room) => join(room, 0, 0));
  for (let turns = 0; turns < 5; turns += 1) await turnOver();
  expect(members.map(({ seq }) => seq)).toEqual([1, 0]);
  expect(waits).toHaveLength(1);
  clock.advance(60_000_000);
  waits[0]!();
  await turnOver();
  expect(members[1]!.seq).toBe(1);
});

test('[LAG-3] knows for how long a session has been behind', async () => {
  const room = new FakeRoom();
  const { join, sink, catchUp, clock } = open([room]);
  const member = join(room, 0, 0);
  sink.fill();
  room.store();
  room.send(1, 0);
  expect([member.live, catchUp.lagging]).toEqual([false, true]);
  clock.now = 5_000;
  expect(catchUp.behindMs).toBe(5_000);
  await turnOver();
  sink.drain();
  for (let turns = 0; turns < 5; turns += 1) await turnOver();
  expect([member.live, catchUp.lagging, catchUp.behindMs]).toEqual([true, false, 0]);
  expect(sink.got.map(({ seq }) => seq)).toEqual([1]);
});

test('[LAG-3] a session that has left the only room in which it lagged lags no more, once it has drained', async () => {
  const room = new FakeRoom();
  const { join, leave, sink, catchUp, clock } = open([room]);
  const member = join(room, 0, 0);
  sink.fill();
  room.store();
  room.send(1, 0);
  await turnOver();
  expect(catchUp.lagging).toBe(true);
  leave(member);
  sink.drain();
  await turnOver();
  clock.now = 300_001;
  expect([catchUp.lagging, catchUp.behindMs]).toEqual([false, 0]);
});

test('[LAG-4] a membership that has ended leaves nothing behind', async () => {
  const room = new FakeRoom();
  for (const _ of range(1, 50)) room.store();
  room.send(Infinity, 0);
  const { join, sink, catchUp } = open([room]);
  sink.fill();
  for (const _ of range(1, 100)) {
    const member = join(room, 0, 0);
    member.left = true;
    catchUp.forget(member);
  }
  sink.drain();
  for (let turns = 0; turns < 20; turns += 1) await turnOver();
  expect(sink.got).toEqual([]);
  catchUp.stop();
});

test('the time of a replay is told, and one who missed nothing has none', async () => {
  const room = new FakeRoom();
  room.store();
  room.send(Infinity, Infinity);
  const replays: number[] = [];
  const { clock, join } = open([room], { onReplayed: (ms) => replays.push(ms) });
  expect(join(room, room.seq, room.rev).live).toBe(true);
  const behind = join(room, 0, 0);
  expect(behind.live).toBe(false);
  clock.now += 40;
  while (!behind.live) await turnOver();
  expect(replays).toEqual([40]);
});
