import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CID, framesOf, messageFrame, type SeenFrame, update } from '../egress/frames.fixture.ts';
import { RoomLog, type Update } from './room-log.ts';

/** What has been stored: messages 1 … n, and changes, each to a message that was there. */
const history = fc
  .array(fc.oneof(fc.constant('message' as const), fc.double({ min: 0, max: 0.999, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((events) => {
    let head = 0;
    const changes: Update[] = [];
    for (const event of events) {
      if (event === 'message') head += 1;
      else if (head > 0) changes.push(update(changes.length + 1, 1 + Math.floor(event * head)));
    }
    return { head, changes };
  });

type Published = { seq: number } | { update: Update };

/** Everything published, in any order, with repeats and losses. */
const published = history.chain(({ head, changes }) => {
  const all: Published[] = [
    ...Array.from({ length: head }, (_, i) => ({ seq: i + 1 })),
    ...changes.map((change) => ({ update: change })),
  ];
  return fc.record({
    head: fc.constant(head),
    changes: fc.constant(changes),
    arrivals: fc.shuffledSubarray([...all, ...all.slice(0, 10)]),
    startAt: fc.nat(all.length),
    takeEvery: fc.integer({ min: 1, max: 7 }),
  });
});

/** The history's own answers, as the filler would bring them. */
function fill(log: RoomLog, head: number, changes: readonly Update[]): void {
  log.expect(head, changes.length);
  for (let rounds = 0; log.missingMessages !== undefined || log.missingUpdates !== undefined; rounds += 1) {
    expect(rounds).toBeLessThan(200);
    const missing = log.missingMessages;
    if (missing !== undefined) {
      const to = Math.min(missing.to, missing.from + 3);
      const frames = Array.from({ length: to - missing.from + 1 }, (_, i) => messageFrame(missing.from + i));
      log.fillMessages({ from: missing.from, to }, [{ first: missing.from, frames }], 'erased');
      continue;
    }
    const asked = log.missingUpdates!;
    const last = new Map(changes.map((change) => [change.seq, change]));
    const final = changes.filter((change) => last.get(change.seq) === change && change.rev > asked.after);
    log.fillUpdates(asked, final.slice(0, 4));
  }
}

test('[SEQ-2] [REV-2] [REV-3] whatever the bus does, what leaves is dense, in order, once, and no change precedes its message', () => {
  fc.assert(
    fc.property(published, ({ head, changes, arrivals, startAt, takeEvery }) => {
      const log = new RoomLog(CID);
      const out: SeenFrame[] = [];
      const take = () => {
        for (let advance = log.take(); advance !== undefined; advance = log.take())
          out.push(...framesOf(advance.blocks));
      };
      for (const [index, item] of arrivals.entries()) {
        if (index === startAt) log.start(0, 0);
        if ('seq' in item) log.addMessages({ first: item.seq, frames: [messageFrame(item.seq)] });
        else log.addUpdates([item.update]);
        if (index % takeEvery === 0) take();
      }
      if (!log.started) {
        expect(out).toEqual([]);
        log.start(0, 0);
      }
      fill(log, head, changes);
      take();
      const messages = out.filter(({ t }) => t === 'message').map(({ seq }) => seq);
      expect(messages).toEqual(Array.from({ length: head }, (_, i) => i + 1));
      const revs = out.filter(({ t }) => t === 'update').map(({ rev }) => rev);
      expect(revs).toEqual([...new Set(revs)].sort((a, b) => a - b));
      // Every message ends in its last state, and nothing came before it.
      for (const { seq, rev } of changes) {
        const frames = out.filter((frame) => frame.seq === seq);
        expect(frames[0]?.t).toBe('message');
        expect(frames.at(-1)?.rev).toBeGreaterThanOrEqual(rev);
      }
      expect([log.seq, log.rev]).toEqual([head, changes.length]);
    }),
    { numRuns: 300 },
  );
});

test('starts where it is told: what is older is dropped, what came early follows', () => {
  const log = new RoomLog(CID);
  log.addMessages({ first: 4, frames: [4, 5, 6, 7].map((seq) => messageFrame(seq)) });
  log.addUpdates([update(3, 2), update(4, 6)]);
  log.start(5, 3);
  const advance = log.take()!;
  expect(framesOf(advance.blocks).map(({ t, seq, rev }) => [t, seq, rev])).toEqual([
    ['message', 6, 0],
    ['update', 6, 4],
    ['message', 7, 0],
  ]);
  expect([advance.seq, advance.rev]).toEqual([7, 4]);
});

test('[GAP-2] what the history does not have is a gap, in its place', () => {
  const log = new RoomLog(CID);
  log.start(2, 0);
  log.addMessages({ first: 9, frames: [messageFrame(9)] });
  expect(log.missingMessages).toEqual({ from: 3, to: 8 });
  const page = [
    { first: 4, frames: [messageFrame(4)] },
    { first: 6, frames: [messageFrame(6)] },
  ];
  log.fillMessages({ from: 3, to: 8 }, page, 'erased');
  expect(log.missingMessages).toEqual({ from: 7, to: 8 });
  log.fillMessages({ from: 7, to: 8 }, [], 'erased');
  const seen = framesOf(log.take()!.blocks).map(({ t, seq, from, to }) => [t, seq ?? from, seq ?? to]);
  expect(seen).toEqual([
    ['gap', 3, 3],
    ['message', 4, 4],
    ['gap', 5, 5],
    ['message', 6, 6],
    ['gap', 7, 8],
    ['message', 9, 9],
  ]);
  expect(log.seq).toBe(9);
});

test('a message that arrives while its gap is asked for is no gap', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  log.expect(3, 0);
  const asked = log.missingMessages!;
  log.addMessages({ first: 2, frames: [messageFrame(2)] });
  log.fillMessages(asked, [], 'erased');
  log.addMessages({ first: 1, frames: [messageFrame(1)] });
  const seen = framesOf(log.take()!.blocks);
  expect(seen.map(({ t, seq, from }) => [t, seq ?? from])).toEqual([
    ['gap', 1],
    ['message', 2],
  ]);
  expect(log.missingMessages).toEqual({ from: 3, to: 3 });
});

test('a change whose message is not here asks for the message', () => {
  const log = new RoomLog(CID);
  log.start(4, 0);
  log.addUpdates([update(1, 5)]);
  expect(log.take()).toBeUndefined();
  expect(log.missingMessages).toEqual({ from: 5, to: 5 });
  log.fillMessages({ from: 5, to: 5 }, [{ first: 5, frames: [messageFrame(5)] }], 'erased');
  expect(framesOf(log.take()!.blocks).map(({ t }) => t)).toEqual(['message', 'update']);
});

test('revisions that nothing bears any more hold nothing up', () => {
  const log = new RoomLog(CID);
  log.start(5, 2);
  log.expect(5, 6);
  expect(log.missingUpdates).toEqual({ after: 2, to: 6 });
  log.fillUpdates({ to: 6 }, []);
  expect(log.missingUpdates).toBeUndefined();
  expect(log.take()).toBeUndefined();
  expect(log.rev).toBe(6);
});

test('[REV-9] an answer without old changes takes nothing away that came meanwhile', () => {
  const log = new RoomLog(CID);
  log.start(2, 5);
  log.expect(2, 6);
  const asked = log.missingUpdates!;
  log.addUpdates([update(7, 1)]);
  log.expect(2, 8);
  log.fillUpdates(asked, []);
  expect(framesOf(log.take()!.blocks).map(({ t, rev }) => [t, rev])).toEqual([['update', 7]]);
  expect(log.missingUpdates).toEqual({ after: 7, to: 8 });
});

test('a long stretch leaves in several batches, none of them huge', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  const frame = Buffer.alloc(10_000, 'x');
  log.addMessages({ first: 1, frames: Array.from({ length: 100 }, () => frame) });
  const sizes: number[] = [];
  for (let advance = log.take(); advance !== undefined; advance = log.take()) {
    sizes.push(advance.blocks.reduce((sum, block) => sum + block.byteLength, 0));
  }
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(512 * 1024);
  expect(log.seq).toBe(100);
});

test('after the history was replaced it goes on from the new position', () => {
  const log = new RoomLog(CID);
  log.start(10, 3);
  log.addMessages({ first: 12, frames: [messageFrame(12)] });
  log.start(5, 1);
  expect([log.seq, log.rev, log.missingMessages, log.take()]).toEqual([5, 1, undefined, undefined]);
  log.addMessages({ first: 6, frames: [messageFrame(6)] });
  expect(log.take()?.seq).toBe(6);
});
