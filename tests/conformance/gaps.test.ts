import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

async function roomWith(count: number) {
  const room = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(room.users.ann);
  const head = await fill(ann, room.cid, count);
  return { ...room, ann, head };
}

test('[GAP-1] what has expired is announced before the rest', async () => {
  const { cid, users, head } = await roomWith(20);
  const first = head - 9;
  await system.sql`update conversations set first_seq = ${first} where conversation_id = ${cid}`;
  await system.sql`delete from messages where conversation_id = ${cid} and seq < ${first}`;
  const bob = await system.connect(users.bob, { gateway: 1 });
  expect(await bob.join(cid, { since: 2 })).toMatchObject({ first, head });
  await bob.record.next('message', { cid, seq: head });
  expect(bob.record.of('gap')).toEqual([{ t: 'gap', cid, from: 3, to: first - 1, reason: 'expired' }]);
  expect(bob.record.seqs(cid)).toEqual(range(first, head));
  expect(bob.frames.findIndex(({ t }) => t === 'gap')).toBeLessThan(bob.frames.findIndex(({ t }) => t === 'message'));
});

test('[GAP-1] nothing is announced to one who has it all', async () => {
  const { cid, users, head } = await roomWith(10);
  await system.sql`update conversations set first_seq = ${head - 2} where conversation_id = ${cid}`;
  await system.sql`delete from messages where conversation_id = ${cid} and seq < ${head - 2}`;
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid, { since: head - 3 });
  await bob.record.next('message', { cid, seq: head });
  expect(bob.record.of('gap')).toEqual([]);
});

test('[GAP-1] when all has expired, the gap reaches to the head', async () => {
  const { cid, users, head } = await roomWith(5);
  await system.sql`update conversations set first_seq = ${head + 1} where conversation_id = ${cid}`;
  await system.sql`delete from messages where conversation_id = ${cid}`;
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid, { since: 0 });
  await bob.record.next('gap', { cid, from: 1, to: head, reason: 'expired' });
});

test('[GAP-2] [GAP-3] what was erased is announced in its place', async () => {
  const { cid, users, ann, head } = await roomWith(30);
  const erased = [head, head - 5, head - 6, head - 20];
  await system.sql`delete from messages where conversation_id = ${cid} and seq = any(${erased})`;
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid, { since: 0 });
  const end = await ann.sayAndWait(cid, 'the end');
  await bob.record.next('message', { cid, seq: end });
  const covered = bob.frames.flatMap((frame) => {
    if (frame.t === 'message') return [frame.seq];
    return frame.t === 'gap' ? range(frame.from, frame.to) : [];
  });
  expect(covered).toEqual(range(1, end));
  const announced = bob.record
    .of('gap')
    .flatMap(({ from, to, reason }) => range(from, to).map((seq) => ({ seq, reason })));
  expect(announced).toEqual([...erased].sort((a, b) => a - b).map((seq) => ({ seq, reason: 'erased' })));
});
