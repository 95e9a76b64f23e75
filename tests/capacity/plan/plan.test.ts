import { expect, test } from 'vitest';
import { MESSAGE_COSTS } from './costs.ts';
import { costsAt, egressOf, planFor } from './plan.ts';

test('costs are those measured at their rates, between them in between, and beyond them those of the nearest', () => {
  for (const { rate, us } of MESSAGE_COSTS) expect(costsAt(rate)).toEqual(us);
  const [low, high] = [MESSAGE_COSTS[2]!, MESSAGE_COSTS[3]!];
  const middle = costsAt(Math.sqrt(low.rate * high.rate));
  expect(middle.gateway).toBeCloseTo(Math.sqrt(low.us.gateway * high.us.gateway));
  expect(costsAt(1)).toEqual(MESSAGE_COSTS[0]!.us);
  expect(costsAt(1e9)).toEqual(MESSAGE_COSTS.at(-1)!.us);
});

test('traffic is paid for by its tiers', () => {
  expect(egressOf(100)).toBe(0);
  expect(egressOf(1_100)).toBeCloseTo(90);
  expect(egressOf(20_000)).toBeCloseTo(9_900 * 0.09 + 10_000 * 0.085);
});

test('a small load, reckoned by hand', () => {
  const plan = planFor({ connections: 10_000, rate: 1_000, receivers: 1 });
  // Two of each, which share 1,000 messages a second; connecting takes 10,000 / 3,600 x 1.5 ms.
  const services = (1_000 * (299 + 505)) / 1e6;
  const servers = (1_000 * (2 * 171 + 104 + 6)) / 1e6;
  expect(plan).toMatchObject({ gateways: 2, chatServices: 2, primaries: 1, connectionBytes: 135e6 });
  expect(plan.busyCores).toBeCloseTo(services + servers + 0.004_2, 2);
  // Gateways and chat-services on two machines, a primary and its standby, three of NATS with Redis.
  expect(plan.nodes).toBe(7);
});

test('more of anything never needs less', () => {
  const sizes = [1e4, 3e4, 1e5, 1e6, 1e7];
  for (const receivers of [1, 10]) {
    for (const [n, connections] of sizes.entries()) {
      const more = planFor({ connections: sizes[n + 1] ?? 1e8, rate: 1_000, receivers });
      expect(more.nodes).toBeGreaterThanOrEqual(planFor({ connections, rate: 1_000, receivers }).nodes);
    }
    for (const rate of [1e2, 1e3, 1e4, 1e5]) {
      const [now, later] = [rate, rate * 10].map((each) => planFor({ connections: 1e6, rate: each, receivers }));
      expect(later!.aMonth.all).toBeGreaterThan(now!.aMonth.all);
    }
  }
  expect(() => planFor({ connections: 0, rate: 1, receivers: 1 })).toThrow(RangeError);
});
