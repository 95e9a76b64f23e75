import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
});
afterAll(() => system.stop());

test('[RES-1] every conversation is answered, and one refusal does not touch the others', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const foreign = await newRoom(system, 'eve');
  const secret = await room.tenant.channel(room.users.bob);
  const ann = await system.connect(room.users.ann);
  const head = await ann.sayAndWait(room.cid, 'hello');
  const unknown = crypto.randomUUID();
  ann.sendFrame({
    t: 'resume',
    pos: { [unknown]: [0, 0], [room.cid]: [head - 1, 0], [foreign.cid]: [0, 0], [secret]: [0, 0] },
  });
  await ann.record.next('joined', { cid: room.cid, head });
  await ann.record.next('error', { cid: unknown, code: 'not_found' });
  await ann.record.next('error', { cid: foreign.cid, code: 'not_found' });
  await ann.record.next('error', { cid: secret, code: 'not_member' });
  await ann.record.next('message', { cid: room.cid, seq: head });
  ann.sendFrame({ t: 'resume', pos: { [room.cid]: [head + 1, 0] } });
  await ann.record.next('error', { cid: room.cid, code: 'cursor_ahead', head });
});

test('[RES-2] [RES-3] 500 conversations in one frame: only what is new', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  const cids: string[] = [];
  while (cids.length < LIMITS.resumeConversations) {
    const part = range(1, Math.min(20, LIMITS.resumeConversations - cids.length));
    cids.push(...(await Promise.all(part.map(() => tenant.channel(users.ann, users.bob)))));
  }
  const ann = await system.connect(users.ann);
  const bob = await system.connect(users.bob, { gateway: 1 });
  bob.sendFrame({ t: 'resume', pos: Object.fromEntries(cids.map((cid) => [cid, [0, 0] as [number, number]])) });
  await bob.record.until('500 joined', () => bob.record.of('joined').length === cids.length, 60_000);
  const heads = new Map(bob.record.of('joined').map(({ cid, head }) => [cid, head]));
  await bob.record.until('what was there', () => cids.every((cid) => bob.record.seqs(cid).length === heads.get(cid)));
  bob.cut();

  const busy = cids.filter((_, i) => i % 5 === 0);
  const edited = cids.filter((_, i) => i % 50 === 1);
  for (const cid of busy) await fill(ann, cid, 3);
  for (const cid of edited) {
    await ann.join(cid);
    const seq = await ann.sayAndWait(cid, 'draft');
    ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'final' }, ref: cid });
    // Whoever has joined is told when it is stored.
    await ann.record.next('update', { cid, seq });
  }

  const back = await system.connect(users.bob, { gateway: 0 });
  back.sendFrame({
    t: 'resume',
    pos: Object.fromEntries(cids.map((cid) => [cid, [heads.get(cid)!, 0, 0] as [number, number, number]])),
  });
  await back.record.until('500 joined again', () => back.record.of('joined').length === cids.length, 60_000);
  const expected = busy.length * 3 + edited.length;
  await back.record.until('what is new', () => back.record.of('message').length === expected, 60_000);
  await back.settle();
  for (const cid of busy) expect(back.record.seqs(cid)).toEqual(range(heads.get(cid)! + 1, heads.get(cid)! + 3));
  for (const cid of edited)
    expect(back.record.messages(cid)).toMatchObject([{ body: { text: 'final' }, edited: true }]);
  expect(back.record.of('message')).toHaveLength(expected);
});

test('[RES-3] more than 500 is malformed', async () => {
  const { users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const cids = range(0, LIMITS.resumeConversations).map(() => crypto.randomUUID());
  ann.sendFrame({ t: 'resume', pos: Object.fromEntries(cids.map((cid) => [cid, [0, 0] as [number, number]])) });
  await ann.record.next('error', { code: 'bad_frame' });
});

test('[RES-4] [RES-5] thousands of missed messages come whole, and hold nobody up', { timeout: 240_000 }, async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const quiet = await tenant.channel(users.ann, users.bob);
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 6_000, (i) => `${i} ${'.'.repeat(200)}`);

  const bob = await system.connect(users.bob, { gateway: 1 });
  const other = await system.connect(users.ann, { gateway: 1 });
  await Promise.all([bob.join(quiet), other.join(quiet)]);
  bob.sendFrame({ t: 'join', cid, since: 0 });
  // Of two that wait for the same message, the busy one must not be the last to see it by a whole replay.
  const seq = await ann.sayAndWait(quiet, 'excuse me');
  await Promise.all([bob, other].map(({ record }) => record.next('message', { cid: quiet, seq })));
  const seenBefore = bob.record.seqs(cid).length;
  await bob.record.until('the whole history', () => bob.record.seqs(cid).length >= head, 120_000);
  expect(bob.record.seqs(cid)).toEqual(range(1, head));
  expect(seenBefore).toBeLessThan(head);
});
