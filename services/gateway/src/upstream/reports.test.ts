import { VirtualClock } from '@messagecore/kernel';
import type { RpcError } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Reports } from './reports.ts';

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

function open() {
  const clock = new VirtualClock();
  const sent: [at: number, pos: number][] = [];
  const answers: ((answer: { pos: number } | RpcError) => void)[] = [];
  const reports = new Reports<{ pos: number }, { pos: number }>(clock, ({ pos }) => {
    sent.push([clock.monotonic(), pos]);
    return new Promise((resolve) => answers.push(resolve));
  });
  const answer = async (pos: number) => {
    answers.shift()!({ pos });
    await settled();
  };
  return { clock, sent, reports, answer, answers };
}

test('[LIM-12] a hundred reports a second of one place are a few, and the furthest one arrives', async () => {
  const { clock, sent, reports, answers } = open();
  for (let pos = 1; pos <= 100; pos += 1) {
    void reports.call('ann room', { pos });
    for (const settle of answers.splice(0)) settle({ pos });
    await settled();
    clock.advance(10);
  }
  clock.advance(1_000);
  expect(sent.length).toBeLessThanOrEqual(6);
  expect(sent[0]).toEqual([0, 1]);
  expect(sent.at(-1)![1]).toBe(100);
});

test('what waits goes as one, its answer to all, and an earlier position takes nothing back', async () => {
  const { clock, reports, answer, sent } = open();
  const first = reports.call('ann room', { pos: 3 });
  const others = [reports.call('ann room', { pos: 9 }), reports.call('ann room', { pos: 5 })];
  await answer(3);
  expect([await first, sent]).toEqual([{ pos: 3 }, [[0, 3]]]);
  clock.advance(250);
  expect(sent.at(-1)).toEqual([250, 9]);
  await answer(9);
  expect(await Promise.all(others)).toEqual([{ pos: 9 }, { pos: 9 }]);
  clock.advance(500);
  expect(reports.size).toBe(0);
});

test('a slow answer is waited for: of one place one report is under way', async () => {
  const { clock, reports, answer, sent } = open();
  void reports.call('ann room', { pos: 1 });
  void reports.call('ann room', { pos: 2 });
  void reports.call('bob room', { pos: 1 });
  clock.advance(5_000);
  expect(sent).toEqual([
    [0, 1],
    [0, 1],
  ]);
  await answer(1);
  expect(sent.at(-1)).toEqual([5_000, 2]);
});

test('at the end what waits goes at once', async () => {
  const { reports, answer, sent } = open();
  void reports.call('ann room', { pos: 1 });
  void reports.call('ann room', { pos: 2 });
  await answer(1);
  reports.flush();
  expect(sent.at(-1)).toEqual([0, 2]);
});

test('those who begin together do not go on together', async () => {
  const { clock, sent, reports, answers } = open();
  const report = (pos: number) => {
    for (let user = 0; user < 100; user += 1) void reports.call(`user ${user}`, { pos });
  };
  report(1);
  for (const settle of answers.splice(0)) settle({ pos: 1 });
  await settled();
  report(2);
  const later = () => sent.filter(([, pos]) => pos === 2).map(([at]) => at);
  for (let ms = 0; ms < 500; ms += 1) clock.advance(1);
  expect(later()).toHaveLength(100);
  for (let from = 250; from < 500; from += 25)
    expect(later().filter((at) => at >= from && at < from + 25).length).toBeLessThanOrEqual(12);
});
