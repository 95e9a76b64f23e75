import { expect, test } from 'vitest';
import { Gathering } from './gathering.ts';
import { VirtualClock } from './virtual-clock.ts';

const WINDOW_MS = 2;

function harness() {
  const clock = new VirtualClock();
  const gathering = new Gathering({ clock, windowMs: WINDOW_MS, defer: (fn) => void clock.setTimeout(fn, 0) });
  /** When each one ran, in turns. */
  const runs: { readonly at: number; readonly names: string[] }[] = [];
  const run = (name: string) => {
    const last = runs.at(-1);
    if (last?.at === clock.monotonic()) last.names.push(name);
    else runs.push({ at: clock.monotonic(), names: [name] });
  };
  /** `count` of them, one every `everyMs`; answers when each came and how long it waited. */
  const come = (count: number, everyMs: number) =>
    Array.from({ length: count }, (_, n) => {
      const came = clock.monotonic();
      const seen = { waited: -1 };
      gathering.defer(() => {
        seen.waited = clock.monotonic() - came;
        run(String(n));
      });
      clock.advance(everyMs);
      return seen;
    });
  return { clock, gathering, runs, come };
}

test('one alone runs at the end of its turn, and so do those that come seldom', () => {
  const { clock, gathering, come } = harness();
  const all = come(100, 10);
  expect(all.every(({ waited }) => waited === 0)).toBe(true);
  expect(gathering.waits).toBe(false);
  expect(clock.untilNext).toBeUndefined();
});

test('of many, those of a window run together, in their order, and none waits for longer', () => {
  const { gathering, runs, come, clock } = harness();
  const all = come(200, 0.5);
  clock.advance(WINDOW_MS);
  expect(gathering.waits).toBe(true);
  expect(runs.flatMap(({ names }) => names)).toEqual(Array.from({ length: 200 }, (_, n) => String(n)));
  expect(runs.slice(-10, -1).every(({ names }) => names.length === 4)).toBe(true);
  expect(Math.max(...all.map(({ waited }) => waited))).toBe(WINDOW_MS);
});

test('who comes after a silence does not wait', () => {
  const { gathering, come, clock } = harness();
  come(200, 0.5);
  clock.advance(100);
  const [first] = come(1, 1);
  expect(first?.waited).toBe(0);
  expect(gathering.waits).toBe(false);
});

test('where waiting brings nobody it ends, and is tried ever more seldom', () => {
  const { clock, gathering } = harness();
  /** Comes again half a millisecond after it ran, as a sender that waits for each answer. */
  const comeAgain = (until: number) => {
    let [waited, count] = [0, 0];
    const next = () => {
      const came = clock.monotonic();
      gathering.defer(() => {
        count += 1;
        waited += clock.monotonic() > came ? 1 : 0;
        if (clock.monotonic() < until) clock.setTimeout(next, 0.5);
      });
    };
    next();
    while (clock.runNext());
    return { waited, count };
  };
  const begin = comeAgain(1_000);
  expect(begin.waited).toBeGreaterThan(0);
  comeAgain(10_000);
  const later = comeAgain(20_000);
  expect(later.count).toBeGreaterThan(10_000);
  expect(later.waited).toBeLessThan(50);
});
