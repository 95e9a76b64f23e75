import { VirtualClock } from '@messagecore/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batch, Block, type Frames, Signal } from '../egress/block.ts';
import { FlushScheduler } from '../egress/flush-scheduler.ts';
import type { Advance, Audience, Member } from './audience.ts';
import { Hub } from './hub.ts';

const CID = '018f2a60-7c1e-7cc0-8000-000000000001';
const clock = new VirtualClock();
/** A turn of the event loop, and a millisecond. */
async function turnOver(): Promise<void> {
  clock.advance(1);
  await new Promise<void>((resolve) => void setImmediate(resolve));
}
const settle = async (turns = 60) => {
  for (let turn = 0; turn < turns; turn += 1) await turnOver();
};

/** A session that notes what it gets, and refuses while it is full. */
class Session implements Member {
  readonly userId = 'user';
  readonly sid: string;
  readonly from: number;
  seq: number;
  rev = 0;
  reads = 0;
  live = true;
  slot = -1;
  full = false;
  behind = 0;
  readonly got: string[] = [];
  /** What was handed over, as it was. */
  readonly taken: Frames[] = [];

  constructor(sid: string, seq: number, from = 1) {
    this.sid = sid;
    this.from = from;
    this.seq = seq;
  }

  readonly sink = {
    deliver: (frames: Frames): boolean => {
      if (this.full) return false;
      this.taken.push(frames);
      frames.each((json, t, seq) => this.got.push(`${t} ${seq ?? JSON.parse(Buffer.from(json).toString()).pos}`));
      return true;
    },
    mustDeliver: (frames: Frames): void => frames.each((_json, t) => this.got.push(`${t} delivered for certain`)),
  };

  fellBehind(): void {
    this.behind += 1;
  }

  get seqs(): number[] {
    return this.got.filter((entry) => entry.startsWith('message')).map((entry) => Number(entry.split(' ')[1]));
  }
}

/** A room whose log the test writes. */
class Room {
  readonly cid = CID;
  readonly audience: Audience;
  seq = 0;
  #waiting: number[] = [];

  constructor(hub: Hub) {
    this.audience = hub.open(this);
  }

  say(count = 1): void {
    for (let said = 0; said < count; said += 1) this.#waiting.push(this.seq + this.#waiting.length + 1);
    this.audience.notify();
  }

  take(): Advance | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const frames = this.#waiting.map((seq) => Buffer.from(JSON.stringify({ t: 'message', cid: CID, seq })));
    this.#waiting = [];
    this.seq = first + frames.length - 1;
    return { frames: [Block.messages(CID, first, frames)], seq: this.seq, rev: 0, reads: 0 };
  }

  enter(sid: string, from = 1): Session {
    const session = new Session(sid, this.seq, from);
    this.audience.add(session);
    return session;
  }
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
/** Says it the first time only. */
function once(advance: Advance): () => Advance | undefined {
  let left: Advance | undefined = advance;
  return () => {
    const next = left;
    left = undefined;
    return next;
  };
}

const read = (pos: number) => new Signal(CID, { t: 'read', cid: CID, pos, from: CID });

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'enter' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fill' as const), who: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' as const }) },
);

test('[SEQ-2] whoever comes, goes or falls behind in the middle, every session gets the log from where it stands, in order, once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_200 }), fc.array(step, { maxLength: 60 }), async (crowd, steps) => {
      const room = new Room(new Hub(new FlushScheduler(), clock));
      // A crowd larger than a slice, so that passes last several turns.
      const sessions = range(1, crowd).map((n) => room.enter(`crowd ${n}`));
      const from = new Map(sessions.map((session) => [session, 0]));
      const left = new Map<Session, number>();
      for (const action of steps) {
        if (action.do === 'say') room.say(action.count);
        else if (action.do === 'turn') await turnOver();
        else if (action.do === 'enter') {
          const session = room.enter(`late ${sessions.length}`);
          from.set(session, room.seq);
          sessions.push(session);
        } else {
          const session = sessions[action.who % Math.max(1, sessions.length)];
          if (session === undefined) continue;
          if (action.do === 'fill') session.full = true;
          else if (!left.has(session)) {
            room.audience.remove(session);
            left.set(session, session.got.length);
          }
        }
      }
      await settle(20);
      for (const session of sessions) {
        const start = from.get(session)!;
        expect(session.seqs).toEqual(range(start + 1, start + session.seqs.length));
        expect(session.seq).toBe(start + session.seqs.length);
        if (left.has(session)) expect(session.got).toHaveLength(left.get(session)!);
        else if (!session.full || session.behind === 0) expect(session.seq).toBe(room.seq);
        if (session.behind > 0) expect(session.live).toBe(false);
        expect(session.behind).toBeLessThanOrEqual(1);
      }
      expect(room.audience.size).toBe(sessions.length - left.size);
    }),
    { numRuns: 40 },
  );
});

test('a large room does not keep a small one waiting', async () => {
  const hub = new Hub(new FlushScheduler(), clock);
  const large = new Room(hub);
  const small = new Room(hub);
  const crowd = range(1, 5_000).map((n) => large.enter(`${n}`));
  const one = small.enter('one');
  large.say();
  await turnOver();
  small.say();
  await turnOver();
  await turnOver();
  expect(one.seqs).toEqual([1]);
  expect(crowd.at(-1)!.seqs).toEqual([]);
  await settle();
  expect(crowd.every(({ seqs }) => seqs.length === 1)).toBe(true);
});

test('what is said while a pass is under way makes one batch', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const crowd = range(1, 2_000).map((n) => room.enter(`${n}`));
  room.say();
  await turnOver();
  for (let said = 0; said < 30; said += 1) room.say();
  let taken = 0;
  const { take } = room;
  room.take = () => {
    const advance = take.call(room);
    if (advance !== undefined) taken += 1;
    return advance;
  };
  await settle();
  expect(crowd.at(-1)!.seqs).toEqual(range(1, 31));
  expect(taken).toBe(1);
});

test('[TYP-2] a signal reaches the live but for its own session, and those that lag only if it must', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const [typist, live, lagging] = [room.enter('typist'), room.enter('live'), room.enter('lagging')];
  lagging.live = false;
  room.audience.signal(read(1), { exceptSid: 'typist' });
  await settle(4);
  expect([typist.got, live.got, lagging.got]).toEqual([[], ['read 1'], []]);
  room.audience.signal(new Signal(CID, { t: 'conv', cid: CID, event: 'changed' }), { toAll: true });
  await settle(4);
  expect([typist.got, lagging.got]).toEqual([['conv delivered for certain'], ['conv delivered for certain']]);
});

test('signals and the log take turns, and a flood of signals is bounded', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const session = room.enter('one');
  for (const pos of range(1, 2_000)) room.audience.signal(read(pos));
  room.say(3);
  await settle();
  expect(session.got.indexOf('message 1')).toBeLessThan(3);
  const reads = session.got.filter((entry) => entry.startsWith('read'));
  expect(reads.length).toBeLessThanOrEqual(512);
  expect(reads.at(-1)).toBe('read 2000');
});

test('[PERM-1] what must reach everybody is never dropped, however many passing signals wait', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const session = room.enter('one');
  const conv = () => room.audience.signal(new Signal(CID, { t: 'conv', cid: CID, event: 'removed' }), { toAll: true });
  conv();
  for (const pos of range(1, 600)) room.audience.signal(read(pos));
  for (const _ of range(1, 600)) conv();
  room.audience.signal(read(601));
  await settle();
  expect(session.got.filter((entry) => entry === 'conv delivered for certain')).toHaveLength(601);
  const reads = session.got.filter((entry) => entry.startsWith('read'));
  expect([reads.length, reads[0], reads.at(-1)]).toEqual([512, 'read 90', 'read 601']);
  expect(session.got[0]).toBe('conv delivered for certain');
  expect(session.got.at(-1)).toBe('read 601');
});

/** Changes of these messages, as one block; `rev` counts on from 1. */
function changes(...seqs: number[]): Block {
  const marks = seqs.map((seq, index) => ({ seq, rev: index + 1 }));
  const frames = marks.map(({ seq, rev }) => Buffer.from(JSON.stringify({ t: 'update', cid: CID, pos: seq, rev })));
  return Block.updates(CID, frames, marks);
}

test('[HIST-2] who joined later gets no changes of older messages, and stands where the others stand', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const [all, late, later] = [room.enter('all'), room.enter('late', 5), room.enter('later', 9)];
  room.take = once({ frames: [changes(3, 7, 5)], seq: 0, rev: 3, reads: 0 });
  room.audience.notify();
  await settle(4);
  expect(all.got).toEqual(['update 3', 'update 7', 'update 5']);
  expect(late.got).toEqual(['update 7', 'update 5']);
  expect(later.got).toEqual([]);
  expect([all, late, later].map(({ rev }) => rev)).toEqual([3, 3, 3]);
});

test('[HIST-2] however many began at different moments, there are as many different parts as changes, and no more', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const crowd = range(1, 300).map((n) => room.enter(`${n}`, n));
  room.take = once({ frames: [changes(50, 100, 200)], seq: 0, rev: 3, reads: 0 });
  room.audience.notify();
  await settle(4);
  expect(new Set(crowd.flatMap(({ taken }) => taken)).size).toBe(3);
  expect(crowd.map(({ got }) => got.length)).toEqual(
    range(1, 300).map((from) => [50, 100, 200].filter((seq) => seq >= from).length),
  );
});

test('leaving twice, or after the place was given away, does no harm', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const first = room.enter('first');
  room.audience.remove(first);
  room.audience.remove(first);
  const stay = range(1, 40).map((n) => room.enter(`${n}`));
  for (const session of stay.slice(0, 36)) room.audience.remove(session);
  for (const session of stay.slice(0, 36)) room.audience.remove(session);
  expect(room.audience.size).toBe(4);
  room.say();
  await settle(4);
  expect(stay.map(({ seqs }) => seqs.length)).toEqual([...Array<number>(36).fill(0), 1, 1, 1, 1]);
});

test('a batch is encoded once for everybody', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const seen = new Set<unknown>();
  for (const n of range(1, 10)) {
    const session = room.enter(`${n}`);
    session.sink.deliver = (frames) => {
      seen.add(frames.text);
      expect(frames).toBeInstanceOf(Batch);
      return true;
    };
  }
  room.say(3);
  await settle(4);
  expect(seen.size).toBe(1);
});

test('what a large and busy room says within a few milliseconds is one write for each, and one alone does not wait', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const [first, ...others] = range(1, 64).map((n) => room.enter(`crowd ${n}`));
  const writes = () => first?.taken.length ?? 0;
  room.say();
  await turnOver();
  expect(writes()).toBe(1);
  const start = clock.monotonic();
  for (let said = 0; said < 200; said += 1) {
    room.say();
    for (let ms = 0; ms < 5; ms += 1) await turnOver();
  }
  await settle(20);
  const seconds = (clock.monotonic() - start) / 1_000;
  expect(writes()).toBeLessThan(seconds * 90);
  for (const { seqs } of [first!, ...others]) expect(seqs).toEqual(range(1, 201));
  // A message of a room that has become quiet goes at once.
  for (let ms = 0; ms < 200; ms += 1) await turnOver();
  const before = writes();
  room.say();
  await turnOver();
  expect(writes()).toBe(before + 1);
});

test('a busy room of few members is told of each at once', async () => {
  const room = new Room(new Hub(new FlushScheduler(), clock));
  const [first] = range(1, 63).map((n) => room.enter(`crowd ${n}`));
  for (let said = 0; said < 50; said += 1) {
    room.say();
    await turnOver();
    expect(first?.taken).toHaveLength(said + 1);
  }
});
