/** Each rule by itself, with figures that follow from the documentation of Kubernetes. */
import { describe, expect, test } from 'vitest';
import {
  type Autoscaler,
  DEFAULT_RULES,
  evaluate,
  type History,
  type Metric,
  NO_HISTORY,
  type PodUsage,
  type Reading,
  type Rules,
} from './autoscaler.ts';

const CPU: Metric = { kind: 'utilization', resource: 'cpu', target: 60 };
const TOTAL: Metric = { kind: 'total', query: 'sum(ws_conn_active{})', target: 5_000 };

const scaler = (changes: Partial<Autoscaler> = {}): Autoscaler => ({
  ...{ minReplicas: 2, maxReplicas: 20, metrics: [CPU], ...DEFAULT_RULES, ...changes },
});
const pods = (...percents: number[]): PodUsage[] => percents.map((percent) => ({ percent, initializing: false }));
const INITIALIZING: PodUsage = { percent: 5, initializing: true };
const MISSING: PodUsage = { initializing: false };

/** What a first evaluation makes of readings. */
function first(replicas: number, readings: readonly Reading[], changes: Partial<Autoscaler> = {}): number {
  return evaluate(scaler({ scaleDown: AT_ONCE, ...changes }), NO_HISTORY, { at: 0, replicas, readings }).replicas;
}
const AT_ONCE: Rules = { ...DEFAULT_RULES.scaleDown, stabilizationWindowSeconds: 0 };

describe('desired = ceil(pods x mean / target)', () => {
  test.each([
    // [replicas, percent of each, wanted]
    [4, [120, 120, 120, 120], 8],
    [4, [30, 30, 30, 30], 2],
    [3, [70, 70, 70], 4],
    [3, [90, 60, 90], 4],
    [10, [54, 54, 54, 54, 54, 54, 54, 54, 54, 54], 10],
    [10, [53, 53, 53, 53, 53, 53, 53, 53, 53, 53], 9],
    [2, [66, 66], 2],
    [2, [67, 67], 3],
  ])('%i pods at %j: %i', (replicas, percents, wanted) => {
    expect(first(replicas, [pods(...percents)])).toBe(wanted);
  });

  test.each([
    // [replicas, total, wanted]: within a tenth of 5,000 a pod nothing changes.
    [4, 20_000, 4],
    [4, 22_000, 4],
    [4, 22_001, 5],
    [4, 18_000, 4],
    [4, 17_999, 4],
    [4, 14_999, 3],
    [4, 40_000, 8],
  ])('%i pods with %i in all: %i', (replicas, total, wanted) => {
    expect(first(replicas, [total], { metrics: [TOTAL] })).toBe(wanted);
  });

  test('within the bounds', () => {
    expect(first(2, [pods(1, 1)])).toBe(2);
    expect(first(15, [1e6], { metrics: [TOTAL] })).toBe(20);
    expect(first(1, [pods(60)])).toBe(2);
    expect(first(25, [25 * 5_000], { metrics: [TOTAL] })).toBe(20);
  });
});

describe('several metrics', () => {
  const metrics = [TOTAL, CPU];

  test('the highest proposal holds, and is named', () => {
    const decide = (total: number, percent: number) =>
      evaluate(scaler({ metrics }), NO_HISTORY, {
        at: 0,
        replicas: 4,
        readings: [total, pods(...Array(4).fill(percent))],
      });
    expect(decide(30_000, 70)).toMatchObject({ replicas: 6, metric: TOTAL });
    expect(decide(20_000, 120)).toMatchObject({ replicas: 8, metric: CPU });
  });

  test('where one cannot be read nothing is removed, and something may be added', () => {
    expect(first(4, [undefined, pods(30, 30, 30, 30)], { metrics })).toBe(4);
    expect(first(4, [undefined, pods(90, 90, 90, 90)], { metrics })).toBe(6);
    expect(first(4, [undefined, undefined], { metrics })).toBe(4);
  });
});

describe('pods that are not counted', () => {
  test('who initializes is set aside, and counts as idle when it would go up', () => {
    // Alone 2 x 120 / 60 = 4; with an idle one (240 / 3) / 60 x 3 = 4.
    expect(first(3, [[...pods(120, 120), INITIALIZING]])).toBe(4);
    // Alone 2 x 80 / 60; with two idle ones the ratio turns, so nothing changes.
    expect(first(4, [[...pods(80, 80), INITIALIZING, INITIALIZING]])).toBe(4);
    // Going down, only those that are counted.
    expect(first(3, [[...pods(30, 30), INITIALIZING]])).toBe(2);
  });

  test('of whom nothing is known counts as busy when it would go down, as idle when it would go up', () => {
    // (3 x 30 + 100) / 4 = 47.5: ceil(4 x 47.5 / 60) = 4.
    expect(first(4, [[...pods(30, 30, 30), MISSING]])).toBe(4);
    expect(first(4, [[...pods(10, 10, 10), MISSING]])).toBe(3);
    // (3 x 120) / 4 = 90: ceil(4 x 90 / 60) = 6, where the three alone would want ceil(3 x 2) = 6 as well.
    expect(first(4, [[...pods(120, 120, 120), MISSING]])).toBe(6);
    // (3 x 75) / 4 = 56: within the tolerance.
    expect(first(4, [[...pods(75, 75, 75), MISSING]])).toBe(4);
  });

  test('with no figures at all nothing changes', () => {
    expect(first(4, [[INITIALIZING, MISSING]])).toBe(4);
  });
});

/** Evaluations every 15 s; gives the sizes. */
function run(settings: Autoscaler, replicas: number, totals: readonly number[]): number[] {
  let history: History = NO_HISTORY;
  let size = replicas;
  return totals.map((total, n) => {
    const decision = evaluate(settings, history, { at: n * 15, replicas: size, readings: [total] });
    history = decision.history;
    size = decision.replicas;
    return size;
  });
}

describe('stabilization windows', () => {
  const rules = (seconds: number, rule: Rules): Rules => ({ ...rule, stabilizationWindowSeconds: seconds });

  test('down: the highest that was recommended within the window', () => {
    const settings = scaler({ metrics: [TOTAL], scaleDown: rules(60, DEFAULT_RULES.scaleDown) });
    // Eight are wanted at 0 s, four from 15 s on: the eight are forgotten at 60 s.
    expect(run(settings, 8, [40_000, 20_000, 20_000, 20_000, 20_000])).toEqual([8, 8, 8, 8, 4]);
    // Six in between hold it at six.
    expect(run(settings, 8, [40_000, 20_000, 20_000, 30_000, 20_000, 20_000])).toEqual([8, 8, 8, 8, 6, 6]);
  });

  test('up: the lowest that was recommended within the window', () => {
    const settings = scaler({ metrics: [TOTAL], scaleUp: rules(30, DEFAULT_RULES.scaleUp) });
    expect(run(settings, 4, [20_000, 40_000, 40_000, 40_000])).toEqual([4, 4, 8, 8]);
  });
});

describe('policies', () => {
  const only = (...policies: Rules['policies'][number][]): Rules => ({ ...AT_ONCE, policies });
  const MUCH = 1e6;

  test('so many percent in a period, counted from how many there were when it began', () => {
    const scaleUp = only({ type: 'Percent', value: 100, periodSeconds: 60 });
    const settings = scaler({ metrics: [TOTAL], scaleUp });
    expect(run(settings, 3, Array(9).fill(MUCH))).toEqual([6, 6, 6, 6, 12, 12, 12, 12, 20]);
    // A share of a pod is a whole one.
    const tenth = scaler({ metrics: [TOTAL], scaleUp: only({ type: 'Percent', value: 10, periodSeconds: 15 }) });
    expect(run(tenth, 2, [MUCH, MUCH])).toEqual([3, 4]);
  });

  test('so many pods in a period', () => {
    const scaleDown = only({ type: 'Pods', value: 1, periodSeconds: 45 });
    expect(run(scaler({ metrics: [TOTAL], scaleDown }), 6, Array(7).fill(0))).toEqual([5, 5, 5, 4, 4, 4, 3]);
  });

  test('of several the one with the most change; with Min the one with the least; with Disabled none', () => {
    const policies = [
      { type: 'Pods', value: 4, periodSeconds: 60 },
      { type: 'Percent', value: 10, periodSeconds: 60 },
    ] as const;
    const down = (selectPolicy: Rules['selectPolicy'], replicas: number) =>
      first(replicas, [0], { metrics: [TOTAL], maxReplicas: 100, scaleDown: { ...AT_ONCE, selectPolicy, policies } });
    // The page's own example: of 80 eight go, of 72 eight (7.2, rounded up), of 40 and fewer four.
    expect([80, 72, 40, 30].map((replicas) => down('Max', replicas))).toEqual([72, 64, 36, 26]);
    expect([80, 30].map((replicas) => down('Min', replicas))).toEqual([76, 27]);
    expect(down('Disabled', 80)).toBe(80);
    const up = (selectPolicy: Rules['selectPolicy']) =>
      first(10, [MUCH], { metrics: [TOTAL], scaleUp: { ...DEFAULT_RULES.scaleUp, selectPolicy, policies } });
    expect([up('Max'), up('Min'), up('Disabled')]).toEqual([14, 11, 10]);
  });

  test('where nothing is said: doubled or four more in 15 s, whichever is more; down at once after 300 s', () => {
    const settings = scaler({ metrics: [TOTAL], maxReplicas: 100 });
    expect(run(settings, 2, [MUCH, MUCH, MUCH])).toEqual([6, 12, 24]);
    const sizes = run(settings, 8, [40_000, ...Array(21).fill(0)]);
    expect(sizes.indexOf(2) * 15).toBe(300);
  });
});
