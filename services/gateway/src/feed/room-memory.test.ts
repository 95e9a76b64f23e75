/** What a room keeps is counted whole: filled with every kind of content, it is never more than what it says. */
import { expect, test } from 'vitest';
import { Block } from '../egress/block.ts';
import { CID, messageFrame, update } from '../egress/frames.fixture.ts';
import { ReadMarks } from './read-marks.ts';
import { RoomLog } from './room-log.ts';
import { Window } from './window.ts';

const messages = (first: number, count: number) =>
  Block.messages(
    CID,
    first,
    Array.from({ length: count }, (_, i) => messageFrame(first + i)),
  );

test('[LAG-4] a window counts the MessagePack form that its first reader makes', () => {
  let grown = 0;
  const window = new Window(() => (grown += 1));
  window.append(messages(1, 100));
  const before = window.bytes;
  const [block] = window.messagesAfter(0, Infinity)!;
  const made = block!.binary.length;
  expect(window.bytes).toBe(before + made);
  expect([grown, block!.binary.length]).toEqual([1, made]);
  window.shrink(0);
  expect(window.bytes).toBe(0);
});

test('[LAG-4] a block that has left the window is not counted any more, also when it grows', () => {
  const window = new Window();
  window.append(messages(1, 100));
  const [block] = window.messagesAfter(0, Infinity)!;
  window.reset(100, 0);
  expect(block!.binary.length).toBeGreaterThan(0);
  expect(window.bytes).toBe(0);
});

test('[LAG-4] what is left of a block whose other messages were changed keeps no dead memory alive', () => {
  const window = new Window();
  window.append(messages(1, 400));
  for (let seq = 1; seq < 400; seq += 1) {
    window.append(Block.updates(CID, [update(seq, seq).frame], [{ rev: seq, seq }]));
  }
  const held = new Set(window.messagesAfter(0, Infinity)!.map(({ text }) => text.buffer));
  const kept = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(kept).toBeLessThanOrEqual(window.bytes);
  expect(window.messagesAfter(399, Infinity)![0]!.text.buffer.byteLength).toBeLessThan(1_000);
});

test('[LAG-4] runs that wait to be taken count, until they are taken', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  log.addMessages({ first: 1, frames: [messageFrame(1), messageFrame(2)] });
  log.addUpdates(Array.from({ length: 5_000 }, (_, i) => update(i + 1, 1)));
  expect(log.bytes).toBeGreaterThan(5_000 * update(1, 1).frame.length);
  while (log.take() !== undefined);
  expect(log.waitingBytes).toBe(0);
  expect(log.bytes).toBe(log.window.bytes);
});

test('[LAG-4] frames that wait for an earlier one count, and keep nothing of the payload that they came in', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  const payload = Buffer.alloc(100_000, 'x');
  log.addMessages({ first: 2, frames: [payload.subarray(0, 200)] });
  expect(log.bytes).toBeGreaterThanOrEqual(200);
  payload.fill('y');
  log.addMessages({ first: 1, frames: [messageFrame(1)] });
  const { blocks } = log.take()!;
  expect(Buffer.from(blocks[0]!.json(1)).includes('y')).toBe(false);
});

test('[SEQ-7] what waited for something earlier and was forgotten is missing, and comes from the history', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  log.addMessages({ first: 1, frames: [messageFrame(1)] });
  log.addMessages({ first: 3, frames: [messageFrame(3), messageFrame(4)] });
  log.addUpdates([update(2, 1)]);
  const before = log.bytes;
  log.forgetWaiting();
  expect(log.bytes).toBeLessThan(before);
  expect(log.take()!.seq).toBe(1);
  expect(log.missingMessages).toEqual({ from: 2, to: 4 });
  expect(log.missingUpdates).toEqual({ after: 0, to: 2 });
  log.fillMessages({ from: 2, to: 4 }, [{ first: 2, frames: [2, 3, 4].map((seq) => messageFrame(seq)) }], 'erased');
  log.fillUpdates({ to: 2 }, [update(2, 1)]);
  const taken = log.take()!;
  expect([taken.seq, taken.rev, log.missingMessages, log.missingUpdates]).toEqual([4, 2, undefined, undefined]);
});

test('[LAG-4] a room whose members are served slowly keeps no more than a bound, and loses nothing', () => {
  const log = new RoomLog(CID);
  log.start(0, 0);
  const frame = Buffer.alloc(10_000, 'x');
  for (let seq = 1; seq <= 2_000; seq += 1) log.addMessages({ first: seq, frames: [frame] });
  expect(log.bytes).toBeLessThan(10 * 1024 * 1024);
  let took = 0;
  while (took < 2_000) {
    for (let taken = log.take(); taken !== undefined; taken = log.take()) took = taken.seq;
    const missing = log.missingMessages;
    if (missing === undefined) continue;
    const to = Math.min(missing.to, missing.from + 99);
    const frames = Array.from({ length: to - missing.from + 1 }, () => frame);
    log.fillMessages({ from: missing.from, to }, [{ first: missing.from, frames }], 'erased');
  }
  expect(log.seq).toBe(2_000);
});

test('[LAG-4] positions of reading count, and those that everybody has can be forgotten', () => {
  const marks = new ReadMarks(CID);
  for (let user = 0; user < 100; user += 1) marks.add(`user ${user}`, 1);
  const waiting = marks.bytes;
  expect(waiting).toBeGreaterThan(0);
  marks.take();
  expect(marks.bytes).toBe(waiting);
  marks.forgetUpTo(60);
  expect(marks.after(0)).toHaveLength(40);
  expect(marks.bytes).toBe(waiting * 0.4);
});
