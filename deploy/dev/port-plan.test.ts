import { reservePort } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { planPorts, releasePorts } from './port-plan.ts';

test('ports follow the base, and a taken one is passed over', async () => {
  const first = await reservePort();
  onTestFinished(first.release);
  const plan = await planPorts(first.port, { chatServices: 2, gateways: 3 });
  onTestFinished(() => releasePorts(plan));

  const { chatServices, gateways, web, postgres, nats, redis, mail } = plan;
  const ports = [...chatServices, ...gateways, web, postgres, nats, redis, mail].map(({ port }) => port);
  expect(ports).toHaveLength(10);
  expect(ports).toEqual([...new Set(ports)].toSorted((a, b) => a - b));
  expect(ports[0]).toBeGreaterThan(first.port);
});
