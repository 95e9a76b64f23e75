import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Frames } from '../egress/block.ts';
import { CID } from '../egress/frames.fixture.ts';
import { ReadMarks } from './read-marks.ts';

function told(frames: readonly Frames[]): [user: string, pos: number][] {
  const seen: [string, number][] = [];
  for (const part of frames) {
    part.each((json) => {
      const { from, pos } = JSON.parse(Buffer.from(json).toString()) as { from: string; pos: number };
      seen.push([from, pos]);
    });
  }
  return seen;
}

test('[READ-2] reports that come together leave together, the furthest of each user', () => {
  const marks = new ReadMarks(CID);
  for (const [user, pos] of [
    ['ann', 1],
    ['bob', 5],
    ['ann', 3],
    ['ann', 2],
  ] as const)
    marks.add(user, pos);
  expect(told(marks.take())).toEqual([
    ['ann', 3],
    ['bob', 5],
  ]);
  marks.add('ann', 3);
  expect(marks.take()).toEqual([]);
});

test('[READ-5] whoever was away since any report learns of every position that moved since', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ user: fc.constantFrom('ann', 'bob', 'cy', 'di'), pos: fc.nat(50) }),
          fc.constant('take' as const),
          fc.constant('leave' as const),
        ),
        { maxLength: 60 },
      ),
      (steps) => {
        const marks = new ReadMarks(CID);
        const record = new Map<string, number>();
        const live = new Map<string, number>();
        let away: { readonly since: number; readonly knew: Map<string, number> } = { since: 0, knew: new Map() };
        const take = () => told(marks.take()).forEach(([user, pos]) => live.set(user, pos));
        for (const step of steps) {
          if (step === 'take') take();
          else if (step === 'leave') away = { since: marks.taken, knew: new Map(live) };
          else {
            marks.add(step.user, step.pos);
            record.set(step.user, Math.max(step.pos, record.get(step.user) ?? 0));
          }
        }
        take();
        expect(live).toEqual(record);
        const missed = told(marks.after(away.since));
        expect(new Map([...away.knew, ...missed])).toEqual(record);
        for (const [user, pos] of missed) expect(away.knew.get(user)).not.toBe(pos);
      },
    ),
  );
});

test('[LAG-4] the number of users that it remembers is bounded', () => {
  const marks = new ReadMarks(CID);
  for (let user = 0; user < 10_000; user += 1) marks.add(`user ${user}`, 1);
  expect(marks.take()).toHaveLength(10_000);
  expect(marks.after(0)).toHaveLength(4_096);
  expect(told(marks.after(9_999))).toEqual([['user 9999', 1]]);
});
