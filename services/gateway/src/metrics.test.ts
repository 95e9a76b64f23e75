import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Block } from './egress/block.ts';
import { createGatewayMetrics, type Gauges } from './metrics.ts';

const CID = '0198a7a0-0000-7000-8000-000000000001';

function newMetrics() {
  const clock = new VirtualClock();
  const zero = () => 0;
  const gauges: Gauges = {
    ...{ connections: zero, users: zero, lagging: zero, rooms: zero, accounts: zero, inbox: zero, inboxHeld: zero },
    ...{ watched: zero, joining: zero, perTenant: () => [], busConnected: () => true, reachable: () => false },
    ...{ queues: { pending_connections: { size: 1, max: 2 } }, caches: {} },
  };
  return { clock, gateway: createGatewayMetrics(gauges, clock) };
}

test('sends are counted as served, refused, and failed by a fault of ours', async () => {
  const { gateway } = newMetrics();
  gateway.sendAnswered(undefined);
  gateway.sendAnswered({ error: 'muted', msg: '' });
  gateway.sendAnswered({ error: 'rate_limited', msg: '' });
  gateway.sendAnswered({ error: 'unavailable', msg: '' });
  gateway.sendAnswered({ error: 'internal', msg: '' });
  const text = await gateway.metrics.render();
  const count = (result: string) =>
    Number(new RegExp(`^sends_answered_total\\{result="${result}",.*\\} (\\d+)`, 'm').exec(text)?.[1]);
  expect([count('acknowledged'), count('refused'), count('failed')]).toEqual([1, 2, 2]);
});

test('a slow delivery is told with its conversation, a fast one with nothing', async () => {
  const { clock, gateway } = newMetrics();
  const deliver = (ageMs: number) => {
    const frame = Buffer.from(JSON.stringify({ t: 'message', cid: CID, pos: 1, at: clock.now() - ageMs }));
    gateway.taken({ blocks: [Block.messages(CID, 1, [frame])] } as never, 3);
  };
  deliver(10);
  expect(await gateway.metrics.render()).not.toContain(CID);
  deliver(700);
  const text = await gateway.metrics.render();
  expect(text).toMatch(new RegExp(`^delivery_seconds_bucket\\{le="0.8",.*\\} 2 # \\{cid="${CID}"\\} 0.7 `, 'm'));
  expect(text).toMatch(/^msg_fanout_total\{.*\} 6$/m);
});
