import type { Silence, StreamReport } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import { createLogger, createMetrics } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { StreamHealth } from './stream-health.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

function healthy(changes: Partial<StreamReport> = {}): StreamReport {
  return {
    state: { createdAt: 'first', lastSeq: 10 },
    ...{
      maxBytes: 1024 * MIB,
      wantedBytes: 1024 * MIB,
      bytes: 0,
      firstSeq: 1,
      reachMs: HOUR_MS,
      maxAgeMs: 24 * HOUR_MS,
    },
    ...changes,
  };
}

function start() {
  const clock = new VirtualClock();
  const metrics = createMetrics('test');
  const silences: (Silence | undefined)[] = [];
  const log = createLogger({ name: 'test', level: 'silent' });
  const health = new StreamHealth({ log, metrics, clock, silences: () => silences });
  return { health, clock, metrics, silences };
}

test('a stream that cannot be had is a problem, with the reason', () => {
  const { health } = start();
  expect(health.problem).toBeDefined();
  health.observe(healthy());
  expect(health.problem).toBeUndefined();
  health.failed(new Error('stream CHAT: the stream refused', { cause: 'insufficient storage' }));
  expect(health.problem).toBe('stream CHAT: the stream refused: insufficient storage');
  health.observe(healthy());
  expect([health.problem, health.warnings]).toEqual([undefined, []]);
});

test('one that acknowledges nothing is a problem, and dead when it goes on', () => {
  const { health, silences } = start();
  const report = healthy();
  health.observe(report);
  silences.push(undefined, { since: 100, last: 2_000 });
  expect([health.problem, health.isDead(report.state)]).toEqual([undefined, false]);
  silences[1] = { since: 100, last: 8_100 };
  expect([health.problem, health.isDead(report.state)]).toEqual(['nothing acknowledged for 8 s', false]);
  silences[1] = { since: 100, last: 10_100 };
  expect(health.isDead(report.state)).toBe(true);
});

test('whoever has published nothing since is well again, until something fails anew', () => {
  const { health, silences, clock } = start();
  const report = healthy();
  health.observe(report);
  clock.advance(20_000);
  silences.push({ since: 5_000, last: 20_000 });
  expect([health.problem, health.isDead(report.state)]).toEqual(['nothing acknowledged for 15 s', true]);
  clock.advance(15_000);
  expect(health.problem).toBeDefined();
  clock.advance(1);
  expect([health.problem, health.isDead(report.state)]).toEqual([undefined, false]);
  clock.advance(5_000);
  silences[0] = { since: 5_000, last: 40_001 };
  expect(health.problem).toBe('nothing acknowledged for 35 s');
});

test('a stream that was made anew answers for itself alone', () => {
  const { health, silences, clock } = start();
  health.observe(healthy());
  silences.push({ since: 0, last: 20_000 });
  clock.advance(20_000);
  const anew = healthy({ state: { createdAt: 'second', lastSeq: 0 } });
  expect(health.isDead(anew.state)).toBe(false);
  health.observe(anew);
  expect([health.problem, health.isDead(anew.state)]).toEqual([undefined, false]);
  silences[0] = { since: 0, last: 31_000 };
  expect(health.isDead(anew.state)).toBe(true);
});

test('a stream that is smaller than wanted is warned of, and grows at some of the looks', () => {
  const { health } = start();
  const grows: boolean[] = [];
  for (let look = 0; look < 41; look += 1) {
    grows.push(health.mayGrow);
    health.observe(healthy({ maxBytes: 64 * MIB }));
  }
  expect(grows.flatMap((may, look) => (may ? [look] : []))).toEqual([20, 40]);
  expect(health.warnings).toEqual(['the stream holds 64 MiB instead of 1024 MiB']);
  expect(health.problem).toBeUndefined();
});

test('what leaves the stream for want of room is counted, and warned of when readers may still want it', async () => {
  const { health, metrics } = start();
  health.observe(healthy({ firstSeq: 0, reachMs: 0 }));
  health.observe(healthy({ reachMs: 1_000 }));
  expect(await metrics.render()).not.toContain('stream_discarded_total{service="test"} 1');
  health.observe(healthy({ firstSeq: 6 }));
  expect(health.warnings).toEqual([]);
  health.observe(healthy({ firstSeq: 9, reachMs: 30_000 }));
  health.observe(healthy({ firstSeq: 9, reachMs: 40_000 }));
  expect(health.warnings).toEqual(['the stream is full and reaches back 40 s only']);
  expect(await metrics.render()).toContain('stream_discarded_total{service="test"} 8');
  health.observe(healthy({ firstSeq: 9, reachMs: HOUR_MS }));
  // By age: nothing is missing.
  health.observe(healthy({ firstSeq: 100, reachMs: 24 * HOUR_MS }));
  expect(health.warnings).toEqual([]);
  expect(await metrics.render()).toContain('stream_discarded_total{service="test"} 8');
});
