import { expect, test } from 'vitest';
import { filled, Pods, type PodsOptions } from './pods.ts';

const OPTIONS: PodsOptions = {
  ...{ replicas: 2, choice: 'in turn', startSeconds: 20, preStopSeconds: 5, drainSeconds: 30 },
  ...{ noticeSeconds: 40, replaceSeconds: 100 },
};
const NEVER = 1e9;
const held = (pods: Pods) => pods.running.map(({ connections }) => Math.round(connections));

/** Steps of 5 s with so many connections wanted. */
function advance(pods: Pods, from: number, to: number, wanted: number): void {
  for (let now = from; now < to; now += 5) pods.step(now, 5, wanted, NEVER);
}

test('connections stay where they are: a new pod gets its part of new ones alone, once it is ready', () => {
  const pods = new Pods(OPTIONS);
  advance(pods, 0, 5, 1_000);
  pods.scaleTo(3, 5);
  advance(pods, 5, 20, 1_000);
  expect(held(pods)).toEqual([500, 500, 0]);
  advance(pods, 20, 25, 1_200);
  expect(held(pods)).toEqual([600, 600, 0]);
  advance(pods, 25, 30, 1_500);
  expect(held(pods)).toEqual([700, 700, 100]);
});

test('who has the fewest gets new ones first, if they are chosen so', () => {
  const pods = new Pods({ ...OPTIONS, choice: 'fewest first' });
  advance(pods, 0, 5, 1_000);
  pods.scaleTo(3, 5);
  advance(pods, 5, 30, 1_000);
  advance(pods, 30, 35, 1_400);
  expect(held(pods)).toEqual([500, 500, 400]);
  expect(filled([10, 0, 4], 9)).toEqual([0, 6.5, 2.5]);
  expect(filled([1, 1], 4)).toEqual([2, 2]);
});

test('the youngest goes first; it is none of the replicas any more, and its connections leave over the drain', () => {
  const pods = new Pods({ ...OPTIONS, replicas: 3 });
  advance(pods, 0, 5, 900);
  pods.scaleTo(2, 5);
  expect([pods.replicas.length, pods.moved]).toEqual([2, 300]);
  advance(pods, 5, 10, 900);
  expect(held(pods)).toEqual([300, 300, 300]);
  advance(pods, 10, 25, 900);
  expect(held(pods)).toEqual([375, 375, 150]);
  advance(pods, 25, 45, 900);
  expect(held(pods)).toEqual([450, 450]);
});

test('one that is not ready goes before the youngest that is', () => {
  const pods = new Pods(OPTIONS);
  pods.scaleTo(3, 0);
  pods.scaleTo(2, 5);
  expect(pods.ready).toHaveLength(2);
});

test('what a lost machine had comes back at the others, and its pod is replaced later', () => {
  const pods = new Pods(OPTIONS);
  advance(pods, 0, 5, 1_000);
  pods.loseFullest(5);
  expect([pods.replicas.length, pods.connections]).toEqual([2, 500]);
  advance(pods, 5, 25, 1_000);
  expect(held(pods)).toEqual([750]);
  advance(pods, 25, 50, 1_000);
  expect(held(pods)).toEqual([1_000]);
  advance(pods, 50, 130, 1_000);
  expect(pods.ready).toHaveLength(2);
  expect(pods.moved).toBe(0);
});

test('when fewer are wanted connections end, of each pod the same share', () => {
  const pods = new Pods(OPTIONS);
  advance(pods, 0, 5, 1_000);
  advance(pods, 5, 10, 400);
  expect(held(pods)).toEqual([200, 200]);
});
