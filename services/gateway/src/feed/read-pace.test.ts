import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { CID } from '../egress/frames.fixture.ts';
import { ReadMarks } from './read-marks.ts';
import { ReadPace } from './read-pace.ts';

/** Members of a room who read every message at once; counts what is told to each session. */
function room(sessions: number) {
  const clock = new VirtualClock();
  const marks = new ReadMarks(CID);
  const told = new Map<string, number>();
  let batches = 0;
  const tell = () => {
    const signals = marks.take(pace.allows(marks.waiting, sessions));
    if (signals.length > 0) batches += 1;
    for (const signal of signals) {
      signal.each((json) => {
        const { from, pos } = JSON.parse(Buffer.from(json).toString()) as { from: string; pos: number };
        told.set(from, pos);
      });
    }
    return signals.length;
  };
  const pace = new ReadPace(clock, tell);
  return { clock, marks, told, tell, batches: () => batches };
}

test('[READ-1] a small conversation is told of every report at once', () => {
  const { marks, tell } = room(64);
  for (let user = 0; user < 64; user += 1) {
    marks.add(`user ${user}`, 1);
    expect(tell()).toBe(1);
  }
});

test('[READ-6] [LAG-5] 1,000 members who read every message are no square of frames', () => {
  const { clock, marks, told, tell, batches } = room(1_000);
  let frames = 0;
  for (let message = 1; message <= 5; message += 1) {
    for (let user = 0; user < 1_000; user += 1) {
      marks.add(`user ${user}`, message);
      frames += tell();
    }
    clock.advance(1_000);
  }
  // Told at once it would be 5,000 to each session.
  expect(frames).toBeLessThanOrEqual(5 * 10);
  expect(batches()).toBeLessThanOrEqual(6);
  expect(told.size).toBeLessThan(1_000);
});

test('[READ-5] [READ-6] at the end every session has the last position of everybody', () => {
  const { clock, marks, told, tell } = room(1_000);
  for (let message = 1; message <= 5; message += 1) {
    for (let user = 0; user < 1_000; user += 1) marks.add(`user ${user}`, message);
    tell();
  }
  for (let second = 0; second < 120 && marks.waiting > 0; second += 1) clock.advance(1_000);
  expect(marks.waiting).toBe(0);
  expect([told.size, new Set(told.values())]).toEqual([1_000, new Set([5])]);
});
