import { type Random, VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Drain, SPREAD } from './drain.ts';
import type { Session } from './session/session.ts';

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Sessions that note when they are told what. */
function open(count: number, graceMs: number, random: Random = Math.random) {
  const clock = new VirtualClock();
  const sessions = Array.from({ length: count }, () => {
    const session = {
      state: 'ready',
      busy: false,
      told: [] as { event: string; at: number; reconnectInMs: number }[],
      dispatch(event: string) {
        this.told.push({ event, at: clock.monotonic(), reconnectInMs: drain.reconnectInMs });
        if (event === 'drained') this.state = 'closed';
      },
    };
    return session;
  });
  let flushed = false;
  const drain = new Drain({
    graceMs,
    clock,
    random,
    sessions: sessions as unknown as Session[],
    flushed: async () => void (flushed = true),
  });
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(50);
      await settled();
    }
  };
  return { drain, sessions, advance, clock, flushed: () => flushed };
}

test('[DRN-2] each is told a delay of its own, and closed some time after it', async () => {
  const { drain, sessions, advance, flushed } = open(200, 10_000);
  const done = drain.run();
  expect(drain.begun).toBe(true);
  const delays = sessions.map(({ told }) => told[0]!.reconnectInMs);
  expect(new Set(delays).size).toBeGreaterThan(100);
  expect(Math.max(...delays)).toBeLessThan(10_000);
  await advance(10_000);
  for (const { told } of sessions) {
    expect(told.map(({ event }) => event)).toEqual(['drain', 'drained']);
    expect(told[1]!.at).toBeGreaterThan(told[0]!.reconnectInMs);
  }
  expect(new Set(sessions.map(({ told }) => told[1]!.at)).size).toBeGreaterThan(50);
  await done;
  expect(flushed()).toBe(true);
});

test('[DRN-2] they leave at a steady rate whatever chance says, and not in the order in which they came', async () => {
  for (const random of [() => 0, () => 0.999, Math.random]) {
    const { drain, sessions, advance } = open(100, 10_000, random);
    const done = drain.run();
    const delays = sessions.map(({ told }) => told[0]!.reconnectInMs);
    expect(delays.toSorted((a, b) => a - b)).toEqual(delays.map((_, place) => place * 100 * SPREAD));
    if (random === Math.random) expect(delays).not.toEqual(delays.toSorted((a, b) => a - b));
    await advance(10_000);
    await done;
  }
});

test('[DRN-4] whoever waits for an ack is closed after it, or at the end of the grace', async () => {
  const { drain, sessions, advance } = open(2, 1_000);
  for (const session of sessions) session.busy = true;
  const done = drain.run();
  await advance(900);
  expect(sessions.map(({ state }) => state)).toEqual(['ready', 'ready']);
  sessions[0]!.busy = false;
  await advance(50);
  expect(sessions[0]!.state).toBe('closed');
  await advance(100);
  expect(sessions[1]!.state).toBe('closed');
  await done;
});

test('ends as soon as all have gone by themselves, once', async () => {
  const { drain, sessions, advance, clock } = open(3, 60_000);
  const done = drain.run();
  expect(drain.run()).toBe(done);
  for (const session of sessions) session.state = 'closed';
  await advance(50);
  await done;
  expect(clock.monotonic()).toBeLessThan(1_000);
});

test('without sessions it is over at once', async () => {
  const { drain, flushed } = open(0, 10_000);
  await drain.run();
  expect(flushed()).toBe(true);
});
