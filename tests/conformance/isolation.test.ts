import { UpFrame } from '@messagecore/protocol';
import { call, must, newMid, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;
let foreign: Room<'eve'>;
let ann: RawClient;
let bob: RawClient;
let seq: number;

beforeAll(async () => {
  system = await startSystem();
  [room, foreign] = await Promise.all([newRoom(system, 'ann', 'bob'), newRoom(system, 'eve')]);
  ({ ann, bob } = await joinAll(system, room));
  seq = await ann.sayAndWait(room.cid, 'confidential');
  await bob.record.next('message', { cid: room.cid, seq });
});
afterAll(() => system.stop());

/** All that the conversation is made of, for comparison. */
async function snapshot(cid: string): Promise<string> {
  const { sql } = system;
  const parts = await Promise.all([
    sql`select * from conversations where conversation_id = ${cid}`,
    sql`select * from participants where conversation_id = ${cid} order by user_id`,
    sql`select * from messages where conversation_id = ${cid} order by seq`,
    sql`select * from reactions where conversation_id = ${cid}`,
    sql`select * from device_cursors where conversation_id = ${cid}`,
  ]);
  return JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** One frame of each type that names a conversation. */
const framesAbout = (cid: string) =>
  ({
    join: { t: 'join', cid, since: 0, rev: 0 },
    resume: { t: 'resume', pos: { [cid]: [0, 0] } },
    leave: { t: 'leave', cid },
    send: { t: 'send', cid, mid: newMid(), clientId: 'c', at: 1, kind: 'text', body: { text: 'hi' } },
    edit: { t: 'edit', cid, seq, body: { text: 'hi' }, ref: 'r' },
    recall: { t: 'recall', cid, seq, ref: 'r' },
    react: { t: 'react', cid, seq, emoji: '+1', on: true, ref: 'r' },
    ack: { t: 'ack', cid, pos: 1 },
    read: { t: 'read', cid, pos: 1 },
    typing: { t: 'typing', cid, on: true },
    call: { t: 'call', op: 'conversations.read', ref: 'r', cid, args: { pos: 1 } },
  }) satisfies Partial<Record<UpFrame['t'], UpFrame>>;

const ABOUT_NO_CONVERSATION: UpFrame['t'][] = ['auth', 'presence', 'watch', 'unwatch', 'ping'];

test('[ISO-1] every type of frame is tried', () => {
  const types = UpFrame.options.map((option) => option.shape.t.value);
  expect([...Object.keys(framesAbout('')), ...ABOUT_NO_CONVERSATION].sort()).toEqual([...types].sort());
});

test.each(Object.keys(framesAbout('')) as (keyof ReturnType<typeof framesAbout>)[])(
  '[ISO-1] %s about another tenant’s conversation is answered like one about none',
  async (t) => {
    const before = await snapshot(room.cid);
    const marks = [ann, bob].map(({ frames }) => frames.length);
    const eve = await system.connect(foreign.users.eve, { gateway: 1 });
    const unknown = crypto.randomUUID();
    eve.sendFrame(framesAbout(room.cid)[t]);
    eve.sendFrame(framesAbout(unknown)[t]);
    const real = await eve.record.next('error', { cid: room.cid });
    const none = await eve.record.next('error', { cid: unknown });
    expect(real.code).toBe('not_found');
    const shape = ({ ref: _, ...frame }: typeof real) =>
      JSON.stringify(frame).replaceAll(real.cid!, '').replaceAll(none.cid!, '');
    expect(shape(real)).toBe(shape(none));
    await Promise.all([ann.settle(), bob.settle()]);
    for (const [i, client] of [ann, bob].entries()) {
      expect(client.frames.slice(marks[i]).filter((frame) => frame.t !== 'pong' && frame.t !== 'heads')).toEqual([]);
    }
    expect(await snapshot(room.cid)).toBe(before);
  },
);

test('[ISO-2] a session receives nothing of another tenant, whatever it asks for', async () => {
  const eve = await system.connect(foreign.users.eve, { gateway: 1 });
  const { userId } = room.users.ann;
  for (const frame of Object.values(framesAbout(room.cid))) eve.sendFrame(frame);
  eve.sendFrame({ t: 'watch', users: [userId, room.users.bob.userId] });
  bob.sendFrame({ t: 'watch', users: [userId] });
  await Promise.all([eve, bob].map((session) => session.settle()));
  await eve.join(foreign.cid);
  const next = await ann.sayAndWait(room.cid, 'still confidential');
  ann.sendFrame({ t: 'edit', cid: room.cid, seq: next, body: { text: 'more confidential' }, ref: 'e' });
  ann.sendFrame({ t: 'typing', cid: room.cid, on: true });
  ann.sendFrame({ t: 'read', cid: room.cid, pos: next });
  await bob.record.next('read', { cid: room.cid, pos: next });
  await bob.record.next('update', { cid: room.cid, seq: next });
  const renamed = { headers: room.users.ann.auth, body: { displayName: 'Confidential Ann' } };
  await must('PATCH', `${system.api}/v1/users/me`, renamed);
  await bob.record.next('event', { event: 'profile.changed', data: { userId } });
  await eve.sayAndWait(foreign.cid, 'hello?');
  await eve.settle();
  const heard = JSON.stringify(eve.frames.filter(({ t }) => t !== 'error'));
  for (const secret of [room.cid, userId, room.users.bob.userId, 'confidential']) expect(heard).not.toContain(secret);
});

test('[ISO-2] an event that names the room of another tenant reaches nobody', async () => {
  const eve = await system.connect(foreign.users.eve);
  await eve.join(foreign.cid);
  const header = { v: 1, type: 'messages', tid: foreign.tid, cid: room.cid, first: seq + 1, last: seq + 1, count: 1 };
  system.bus.publish(`conv.${foreign.tid}.${room.cid}.msg`, `${JSON.stringify(header)}\n{"t":"message"}`);
  await system.bus.flush();
  await eve.sayAndWait(foreign.cid, 'anything?');
  await Promise.all([eve.settle(), ann.settle()]);
  expect(JSON.stringify(eve.frames)).not.toContain(room.cid);
  expect(ann.frames.some((frame) => frame.t === 'message' && frame.from === undefined)).toBe(false);
});

test('[ISO-3] over HTTP another tenant’s ids are unknown', async () => {
  const before = await snapshot(room.cid);
  const { users, tenant } = foreign;
  const base = `${system.api}/v1/conversations/${room.cid}`;
  const user = room.users.bob.userId;
  const routes: [string, string, unknown?][] = [
    ['GET', base],
    ['PATCH', base, { name: 'mine' }],
    ['DELETE', base],
    ['GET', `${base}/participants`],
    ['POST', `${base}/participants`, { users: [users.eve.userId] }],
    ['PATCH', `${base}/participants/${user}`, { role: 'admin' }],
    ['DELETE', `${base}/participants/${user}`],
    ['POST', `${base}/join`],
    ['POST', `${base}/leave`],
    ['POST', `${base}/messages`, { mid: newMid(), kind: 'text', body: { text: 'hi' } }],
    ['POST', `${system.api}/send`, { cid: room.cid, mid: newMid(), kind: 'text', body: { text: 'hi' } }],
    ['GET', `${base}/messages`],
    ['GET', `${base}/changes?after=0`],
    ['PATCH', `${base}/messages/${seq}`, { body: { text: 'hi' } }],
    ['DELETE', `${base}/messages/${seq}`],
    ['PUT', `${base}/messages/${seq}/reactions/%2B1`],
    ['DELETE', `${base}/messages/${seq}/reactions/%2B1`],
    ['PUT', `${base}/read`, { pos: 1 }],
  ];
  const callers = [users.eve.auth, { ...tenant.backEnd, 'x-on-behalf-of': users.eve.userId }];
  for (const headers of callers) {
    for (const [method, url, body] of routes) {
      const answer = await call(method, url, { headers, ...(body !== undefined && { body }) });
      expect({ method, url, status: answer.status, code: answer.body.code }).toEqual({
        method,
        url,
        status: 404,
        code: 'not_found',
      });
    }
  }
  const asAnn = await call('GET', base, { headers: { ...tenant.backEnd, 'x-on-behalf-of': room.users.ann.userId } });
  expect(asAnn.status).toBe(404);
  expect(await snapshot(room.cid)).toBe(before);
});
