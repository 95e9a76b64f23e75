import { LIMITS } from '@messagecore/protocol';
import { type ChangesPage, type HistoryPage } from '@messagecore/protocol/features';
import { call, must, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { fill, joinAll, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const path = (rest: string, cid = room.cid) => `${system.api}/v1/conversations/${cid}/${rest}`;

test.each(['/v1/conversations/{cid}/messages', '/send'])('[HTTP-1] POST %s stores once and says so', async (route) => {
  const { cid, users } = room;
  const { bob } = await joinAll(system, room);
  const url = `${system.api}${route.replace('{cid}', cid)}`;
  const message = { mid: newMid(), clientId: 'curl', kind: 'text', body: { text: 'over HTTP' } };
  const body = route === '/send' ? { cid, ...message } : message;
  const first = await call<{ seq: number; at: number }>('POST', url, { headers: users.ann.auth, body });
  expect(first).toMatchObject({
    status: 201,
    body: { cid, mid: message.mid, seq: expect.any(Number), at: expect.any(Number) },
  });
  const again = await call('POST', url, { headers: users.ann.auth, body });
  expect(again).toMatchObject({ status: 200, body: first.body });
  const { seq, at } = first.body;
  await bob.record.next('message', { cid, seq, at, mid: message.mid, from: users.ann.userId });
});

test('[HTTP-1] a back end sends for its users, and only for them', async () => {
  const { users, tenant } = room;
  const body = { mid: newMid(), kind: 'text', body: { text: 'by the back end' } };
  const sent = await call<{ seq: number }>('POST', path('messages'), {
    headers: { ...tenant.backEnd, 'x-on-behalf-of': 'ext:ann' },
    body,
  });
  expect(sent.status).toBe(201);
  const page = await must<z.infer<typeof HistoryPage>>('GET', path(`messages?after=${sent.body.seq - 1}&limit=1`), {
    headers: users.bob.auth,
  });
  expect(page.items).toMatchObject([{ from: users.ann.userId }]);
  const nobody = await call('POST', path('messages'), { headers: tenant.backEnd, body: { ...body, mid: newMid() } });
  expect(nobody.status).toBeGreaterThanOrEqual(400);
  expect(nobody.status).toBeLessThan(500);
});

test('[HTTP-2] history pages yield what frames do', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 60);
  ann.sendFrame({ t: 'react', cid, seq: 30, emoji: '👍', on: true, ref: 'r' });
  await ann.join(cid, { since: 0, rev: 0 });
  await ann.record.next('message', { cid, seq: head });
  await ann.record.until('the reaction', () => ann.frames.some((frame) => 'reactions' in frame));
  const state = new Map<number, object>();
  for (const frame of ann.frames) {
    if (frame.t !== 'message' && frame.t !== 'update') continue;
    const { t: _, ...message } = frame;
    state.set(frame.seq, message);
  }
  const get = (query: string) =>
    must<z.infer<typeof HistoryPage>>('GET', path(`messages?${query}`, cid), { headers: users.bob.auth });
  const seqs = async (query: string) => (await get(query)).items.map(({ seq }) => seq);

  const newest = await get('limit=20');
  expect(newest.items.map(({ t: _, ...message }) => message)).toEqual(
    range(head - 19, head).map((seq) => state.get(seq)),
  );
  expect(newest).toMatchObject({ head, first: 1, epoch: 0 });
  expect((await get('after=29&limit=1')).items.map(({ t: _, ...message }) => message)).toEqual([state.get(30)]);
  expect(await seqs('before=21&limit=5')).toEqual(range(16, 20));
  expect(await seqs('after=21&limit=5')).toEqual(range(22, 26));
  expect(await seqs('before=1')).toEqual([]);
  expect(await seqs(`after=${head}`)).toEqual([]);
  expect(await seqs('after=0&limit=200')).toEqual(range(1, head));
  const around = await seqs('around=30&limit=9');
  expect(around).toContain(30);
  expect(around).toHaveLength(9);
  expect(around).toEqual(range(around[0]!, around[0]! + 8));
});

test.each([
  'before=0',
  'before=x',
  'after=-1',
  'around=',
  'limit=0',
  `limit=${LIMITS.pageMessages + 1}`,
  'before=3&after=1',
])('[HTTP-2] history refuses ?%s', async (query) => {
  const answer = await call('GET', path(`messages?${query}`), { headers: room.users.ann.auth });
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request' } });
});

test('[HTTP-2] the changes after a rev', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 3);
  await ann.join(cid, { since: 0, rev: 0 });
  for (const [i, text] of ['a', 'b', 'c'].entries())
    ann.sendFrame({ t: 'edit', cid, seq: head - (i % 2), body: { text }, ref: text });
  await ann.record.until('three changes', () => ann.record.of('update').length === 3);
  const page = await must<z.infer<typeof ChangesPage>>('GET', path('changes?after=0', cid), {
    headers: users.ann.auth,
  });
  expect(page).toEqual({ items: ann.record.of('update').slice(1), rev: 3, more: false });
  const later = await must<z.infer<typeof ChangesPage>>('GET', path('changes?after=2', cid), {
    headers: users.ann.auth,
  });
  expect(later.items.map(({ rev }) => rev)).toEqual([3]);
});
