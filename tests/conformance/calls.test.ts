/** What `call` promises whatever the operation (CALL). */
import { LIMITS } from '@messagecore/protocol';
import { RPC_QUEUE, subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { answerTo } from '../support/operations.ts';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann'>;

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann');
});
afterAll(() => system.stop());

test('[CALL-2] an operation that is none is not found, whatever its name', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  for (const op of ['devices.explode', 'constructor.name', 'a.b.c'])
    expect(await answerTo(client, { t: 'call', op, ref: op })).toMatchObject({ t: 'error', code: 'not_found' });
});

test('[CALL-3] laned calls of one conversation are carried out in the order sent', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [ann, bob] = [await system.connect(users.ann), await system.connect(users.bob)];
  const head = await ann.sayAndWait(cid, 'one');
  const positions = Array.from({ length: 10 }, (_, n) => (n < 5 ? 0 : head));
  for (const [n, pos] of positions.entries())
    bob.sendFrame({ t: 'call', op: 'conversations.read', ref: `p${n}`, cid, args: { pos } });
  await bob.record.until('all answers', () => bob.record.of('result').length === positions.length);
  const stored = bob.record.of('result').map(({ data }) => (data as { pos: number }).pos);
  expect(stored).toEqual(stored.toSorted((a, b) => a - b));
  expect(stored.at(-1)).toBe(head);
});

test('[CALL-4] so many calls may wait for their answer, and each has one', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  const refs = Array.from({ length: 60 }, (_, n) => `w${n}`);
  for (const ref of refs) client.sendFrame({ t: 'call', op: 'devices.list', ref });
  const answers = () => client.frames.filter(({ t }) => t === 'result' || t === 'error');
  await client.record.until('all answers', () => answers().length >= refs.length);
  await client.settle();
  expect(
    answers()
      .map((frame) => ('ref' in frame ? frame.ref : ''))
      .toSorted(),
  ).toEqual(refs.toSorted());
  expect(client.record.of('result').length).toBeGreaterThanOrEqual(LIMITS.callsInFlight);
  for (const { code, retryAfterMs } of client.record.of('error')) {
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(0);
  }
});

test('[CALL-5] [ANS-1] a call that a chat-service took and did not answer is unavailable, once, and asked of no other', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  let swallowed = 0;
  const swallow = () => {
    swallowed += 1;
    return new Promise<never>(() => {});
  };
  // After a slow answer gateways ask by name, for a while, those that say they are there: so does this one.
  const dead = [
    system.bus.serve(subjects.rpc('call'), RPC_QUEUE, swallow),
    system.bus.serve(subjects.rpc('call', 'dead'), undefined, swallow),
  ];
  await system.bus.flush();
  try {
    const refs: string[] = [];
    const answers = () => [...client.record.of('result'), ...client.record.of('error')];
    const ask = async () => {
      void system.bus.publish(subjects.alive, 'dead');
      await system.bus.flush();
      const more = Array.from({ length: LIMITS.callsInFlight }, (_, n) => `s${refs.length + n}`);
      refs.push(...more);
      for (const ref of more) client.sendFrame({ t: 'call', op: 'devices.list', ref });
      await client.record.until('all answers', () => answers().length >= refs.length);
    };
    await vi.waitUntil(async () => (await ask(), swallowed > 0), 60_000);
    await client.settle();
    expect(
      answers()
        .map(({ ref }) => ref)
        .toSorted(),
    ).toEqual(refs.toSorted());
    expect(client.record.of('error').map(({ code }) => code)).toEqual(
      Array.from({ length: swallowed }, () => 'unavailable'),
    );
  } finally {
    for (const service of dead) void service.stop();
  }
});

test('[COMP-1] the audit log is told from where a session calls', async () => {
  const { tenant, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const call = { t: 'call', op: 'devices.revoke', ref: 'r', args: { clientId: 'tablet' } } as const;
  expect(await answerTo(ann, call)).toMatchObject({ t: 'result' });
  const rows = await system.sql`
    select actor, address, target from audit_log where tenant_id = ${tenant.tenantId} and action = 'revoke_device'`;
  expect([...rows]).toEqual([{ actor: `user:${users.ann.userId}`, address: '127.0.0.1', target: 'device:tablet' }]);
});
