import type { Bus, MessageHandler } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { Tenants } from './tenants.ts';

function open() {
  const clock = new VirtualClock();
  const handlers = new Map<string, MessageHandler>();
  const log: string[] = [];
  const bus = {
    subscribe(subject: string, handler: MessageHandler) {
      handlers.set(subject, handler);
      return { unsubscribe: () => void handlers.delete(subject) };
    },
    flush: async () => {},
  } as unknown as Bus;
  const tenants = new Tenants({
    bus,
    clock,
    onUser: (tid, userId, { event }) => log.push(`${tid} ${userId} ${event}`),
    onTenant: (tid, { event }) => log.push(`${tid} ${event}`),
    onDropped: (tid) => log.push(`${tid} dropped`),
  });
  return { tenants, handlers, log, clock };
}

const bytes = (event: object) => Buffer.from(JSON.stringify({ v: 1, ...event }));

test('what is said about a tenant and its users is passed on', async () => {
  const { tenants, handlers, log } = open();
  await tenants.listen('acme');
  handlers.get(subjects.tenant('acme'))!(bytes({ event: 'suspended' }), subjects.tenant('acme'), () => undefined);
  const ann = subjects.user('acme', 'ann');
  handlers.get(subjects.user('acme', '*'))!(bytes({ event: 'deactivated' }), ann, () => undefined);
  expect(log).toEqual(['acme suspended', 'acme ann deactivated']);
});

test('[REVK-4] a tenant without sessions is dropped, and that is told: nothing is heard from then on', async () => {
  const { tenants, handlers, log, clock } = open();
  await tenants.listen('acme');
  tenants.sweep(() => true);
  expect([log, tenants.heardSince('acme', clock.monotonic())]).toEqual([[], true]);
  tenants.sweep(() => false);
  expect([log, handlers.size, tenants.heardSince('acme', clock.monotonic())]).toEqual([['acme dropped'], 0, false]);
});
