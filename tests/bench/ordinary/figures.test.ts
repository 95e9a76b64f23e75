import { expect, test } from 'vitest';
import { type Figures, middle } from './figures.ts';

const figures = (n: number): Figures => ({
  inTime: 1 / n,
  delivery: { p50: n, p99: 10 * n },
  acknowledgement: { p50: n, p99: n },
  costs: {
    cpuMs: n,
    cpuUs: { server: n, PostgreSQL: 4 - n },
    wakeUps: n,
    commits: n,
    walBytes: n,
    pageImageBytes: n,
    natsMessages: n,
    redisCommands: n,
    clientUs: n,
  },
  lateP99: n,
  clientShare: n,
  putOff: 0,
  missing: 0,
});

test('the median of each figure by itself', () => {
  const { inTime, delivery, costs } = middle([figures(3), figures(1), figures(2)]);
  expect({ inTime, delivery }).toEqual({ inTime: 0.5, delivery: { p50: 2, p99: 20 } });
  expect(costs.cpuUs).toEqual({ server: 2, PostgreSQL: 2 });
});

test('nothing measured is no figure', () => {
  expect(() => middle([])).toThrow('nothing was measured');
});
