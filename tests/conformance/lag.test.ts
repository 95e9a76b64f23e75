import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitUntil } from '@messagecore/dev-servers';
import { CLOSE, LIMITS } from '@messagecore/protocol';
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** More than the kernel's buffers of both sides take, so that much more than the limit is left to the gateway. */
const FLOOD = 1_500;
const LONG = 'x'.repeat(12_000);
const long = (i: number) => `${i} ${LONG}`;

async function flood(client: RawClient, cid: string, count = FLOOD): Promise<number> {
  let last = 0;
  for (let left = count; left > 0; left -= 100) last = await fill(client, cid, Math.min(100, left), long);
  return last;
}

test('[LAG-1] [LAG-2] a session that stops reading loses signals but no message', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid, users } = room;
  const { ann, bob, cy } = await joinAll(system, room);
  bob.pauseReading();
  await flood(ann, cid);
  cy.sendFrame({ t: 'typing', cid, on: true });
  await ann.record.next('typing', { cid, from: users.cy.userId, on: true });
  cy.sendFrame({ t: 'typing', cid, on: false });
  await ann.record.next('typing', { cid, from: users.cy.userId, on: false });
  const last = await flood(ann, cid, 100);
  bob.resumeReading();
  await bob.record.next('message', { cid, seq: last }, { timeoutMs: 60_000 });
  const head = bob.record.of('joined')[0]!.head;
  expect(bob.record.seqs(cid)).toEqual(range(head + 1, last));
  expect(bob.record.of('typing')).toEqual([]);
  // It is live again.
  cy.sendFrame({ t: 'typing', cid, on: true });
  await bob.record.next('typing', { cid, from: users.cy.userId, on: true });
  const next = await ann.sayAndWait(cid, 'live');
  await bob.record.next('message', { cid, seq: next });
});

test('[LAG-2] changes reach a lagging session too, in their final state', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const early = await ann.sayAndWait(cid, 'draft');
  await bob.record.next('message', { cid, seq: early });
  bob.pauseReading();
  await flood(ann, cid, 700);
  ann.sendFrame({ t: 'edit', cid, seq: early, body: { text: 'final' }, ref: 'e1' });
  const during = await ann.sayAndWait(cid, 'draft too');
  ann.sendFrame({ t: 'edit', cid, seq: during, body: { text: 'final too' }, ref: 'e2' });
  await ann.record.next('update', { cid, seq: during });
  const last = await flood(ann, cid, 700);
  bob.resumeReading();
  await bob.record.next('message', { cid, seq: last }, { timeoutMs: 60_000 });
  await bob.record.next('update', { cid, seq: early, body: { text: 'final' } });
  const shown = [...bob.record.messages(cid), ...bob.record.of('update', { cid })].filter(({ seq }) => seq === during);
  expect(shown.at(-1)!.body).toEqual({ text: 'final too' });
  const head = bob.record.of('joined')[0]!.head;
  expect(bob.record.seqs(cid)).toEqual(range(head + 1, last));
});

test('[LAG-3] one that stays behind for too long is closed, and resumes where it stood', async () => {
  const impatient = await startSystem({ gateways: 1, gateway: { timing: { lagCloseMs: 1_500 } } });
  try {
    const room = await newRoom(impatient, 'ann', 'bob');
    const { cid, users } = room;
    const { ann, bob } = await joinAll(impatient, room);
    bob.pauseReading();
    const last = await flood(ann, cid);
    const witness = await impatient.connect(users.bob);
    await witness.join(cid, { since: last - 1 });
    // Until it reads it cannot see the close.
    await waitUntil('the gateway to give up', async () => {
      const metrics = await (await fetch(`${impatient.gateways[0]!.url}/metrics`)).text();
      return /^ws_conn_active(?:\{[^}]*\})? 2$/m.test(metrics);
    });
    bob.resumeReading();
    const { code } = await bob.closed;
    expect([CLOSE.tooFarBehind, 1006]).toContain(code);
    const head = bob.record.of('joined')[0]!.head;
    const stood = bob.record.seqs(cid).at(-1) ?? head;
    expect(stood).toBeLessThan(last);
    const back = await impatient.connect(users.bob);
    await back.join(cid, { since: stood });
    await back.record.next('message', { cid, seq: last }, { timeoutMs: 60_000 });
    expect([...bob.record.seqs(cid), ...back.record.seqs(cid)]).toEqual(range(head + 1, last));
  } finally {
    await impatient.stop();
  }
});

test('[LAG-4] memory for sessions that never read is bounded', async () => {
  const windowBytes = 8 * 1024 * 1024;
  const small = await startSystem({ gateways: 1, gateway: { windowBytes } });
  try {
    const { cid, users } = await newRoom(small, 'ann', 'bob');
    const ann = await small.connect(users.ann);
    const stuck = await Promise.all(range(1, 40).map(() => small.connect(users.bob)));
    for (const client of stuck) {
      await client.join(cid);
      client.pauseReading();
    }
    const before = heldBytes();
    await flood(ann, cid);
    // Asking again and again for everything must not pile up either.
    for (const client of stuck) for (const _ of range(1, 20)) client.sendFrame({ t: 'join', cid, since: 0 });
    await flood(ann, cid, 200);
    // Without a bound it would be the whole flood for each of them, twenty times over. What is under way just now is held for a moment.
    await expect
      .poll(() => heldBytes() - before, { timeout: 20_000, interval: 500 })
      .toBeLessThan(stuck.length * LIMITS.lagBytes * 2 + windowBytes * 2);
    for (const client of stuck) client.cut();
  } finally {
    await small.stop();
  }
});

/** Bytes that this process holds after a collection: both gateways, their clients and the chat-service together. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
