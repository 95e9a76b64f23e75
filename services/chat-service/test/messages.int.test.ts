import { randomUUID } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { decodeBatch, subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTestBus, listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let bob: TestUser;
const mid = createUlid();

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob] = [await tenant.user('alice'), await tenant.user('bob')];
});
afterAll(() => house.stop());

async function createRoom(): Promise<string> {
  const { body } = await alice.post('/v1/conversations', { kind: 'private', name: 'R', participants: ['ext:bob'] });
  return body.cid;
}
const text = (words: string, more: object = {}) => ({ mid: mid(), kind: 'text', body: { text: words }, ...more });
const send = (user: TestUser, cid: string, message: object) => user.post(`/v1/conversations/${cid}/messages`, message);
const items = async (cid: string) => (await alice.get(`/v1/conversations/${cid}/messages?limit=200`)).body.items;

describe('[HTTP-1] sending', () => {
  test('[IDM-1] 201 and the seq; 200 for the repeat, by either door', async () => {
    const cid = await createRoom();
    const message = text('hello');
    const first = await send(alice, cid, message);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({ cid, seq: 1, mid: message.mid, at: expect.any(Number) });
    const again = await send(alice, cid, { ...message, clientId: 'another' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    const alias = await alice.post('/send', { cid, ...message });
    expect([alias.status, alias.body]).toEqual([200, first.body]);
    const second = await alice.post('/send', { cid, ...text('again') });
    expect([second.status, second.body.seq]).toEqual([201, 2]);
    expect((await items(cid)).map((item: { seq: number }) => item.seq)).toEqual([1, 2]);
  });

  test('[IDM-2] the same mid for something else is refused', async () => {
    const cid = await createRoom();
    const message = text('mine');
    await send(alice, cid, message);
    for (const [user, other] of [
      [bob, message],
      [alice, { ...message, body: { text: 'other' } }],
      [alice, { ...message, replyTo: 1 }],
    ] as const) {
      const { status, body } = await send(user, cid, other);
      expect([status, body.code]).toEqual([409, 'mid_taken']);
    }
  });

  test('[SEQ-1] [IDM-5] many at once, each twice: dense, each once', async () => {
    const cid = await createRoom();
    const messages = Array.from({ length: 60 }, (_, n) => text(`m${n}`));
    const answers = await Promise.all([...messages, ...messages].map((message) => send(alice, cid, message)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(60);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
    expect(answers.slice(60).map(({ body }) => body.seq)).toEqual(answers.slice(0, 60).map(({ body }) => body.seq));
    expect((await items(cid)).map((item: { seq: number }) => item.seq)).toEqual(
      Array.from({ length: 60 }, (_, n) => n + 1),
    );
  });

  test('[SEND-4] the server’s time, the stored text, replies and threads', async () => {
    const cid = await createRoom();
    const strange = 'NUL \u0000, half \ud83d, @a\u0000, @\ud83d x, \u2028, "\\" 👩‍👩‍👧';
    await send(alice, cid, text(strange, { at: 1 }));
    await send(bob, cid, text('re', { replyTo: 1, threadRoot: 1 }));
    const [first, second] = await items(cid);
    expect(first).toMatchObject({
      t: 'message',
      cid,
      seq: 1,
      from: alice.uid,
      kind: 'text',
      body: { text: strange },
      rev: 0,
    });
    expect(Math.abs(Date.now() - first.at)).toBeLessThan(60_000);
    expect(second).toMatchObject({ replyTo: 1, threadRoot: 1, from: bob.uid });
    const missing = await send(bob, cid, text('re', { replyTo: 9 }));
    expect([missing.status, missing.body.errors[0].path]).toEqual([400, 'replyTo']);
    expect((await alice.get(`/v1/conversations/${cid}`)).body).toMatchObject({
      head: 2,
      unread: 1,
      lastMessage: { seq: 2 },
    });
  });

  test.each([
    [{ kind: 'sys', body: { event: 'x' } }, 400, 'unsupported_kind'],
    [{ kind: 'image', body: {} }, 400, 'unsupported_kind'],
    [{ body: { text: '' } }, 400, 'bad_request'],
    [{ body: { text: 7 } }, 400, 'bad_request'],
    [{ body: 'hi' }, 400, 'bad_request'],
    [{ mid: 'abc' }, 400, 'bad_request'],
    [{ clientId: '' }, 400, 'bad_request'],
    [{ replyTo: 0 }, 400, 'bad_request'],
    [{ body: { text: 'x'.repeat(16_001) } }, 413, 'too_large'],
    [{ body: { text: 'x'.repeat(1024 * 1024) } }, 413, 'too_large'],
  ])('[SEND-5] [SEND-6] [FRM-10] %# is refused and takes no seq', async (wrong, status, code) => {
    const cid = await createRoom();
    const refused = await send(alice, cid, { ...text('x'), ...wrong });
    expect([refused.status, refused.body.code]).toEqual([status, code]);
    expect((await send(alice, cid, text('next'))).body.seq).toBe(1);
  });

  test('[SEND-2] [PERM-4] not by outsiders, the removed, the muted, nor into other tenants or nothing', async () => {
    const cid = await createRoom();
    const stranger = await (await createTestTenant(house)).user('stranger');
    const code = async (user: TestUser, to: string) => (await send(user, to, text('x'))).body.code;
    expect(await code(await tenant.user('carol'), cid)).toBe('not_member');
    expect(await code(stranger, cid)).toBe('not_found');
    expect(await code(alice, randomUUID())).toBe('not_found');
    await alice.patch(`/v1/conversations/${cid}/participants/ext:bob`, { mutedUntil: Date.now() + 60_000 });
    expect(await code(bob, cid)).toBe('muted');
    await alice.patch(`/v1/conversations/${cid}/participants/ext:bob`, { mutedUntil: null });
    expect((await send(bob, cid, text('unmuted'))).status).toBe(201);
    await alice.delete(`/v1/conversations/${cid}/participants/ext:bob`);
    expect(await code(bob, cid)).toBe('not_member');
    await alice.delete(`/v1/conversations/${cid}`);
    expect(await code(alice, cid)).toBe('not_found');
  });

  test('the back end sends for a user', async () => {
    const cid = await createRoom();
    const forBob = tenant.backEnd.with({ 'x-on-behalf-of': 'ext:bob' });
    expect((await forBob.post(`/v1/conversations/${cid}/messages`, text('by the house'))).status).toBe(201);
    expect((await items(cid))[0].from).toBe(bob.uid);
  });
});

test('[CORE-3] what was stored is on the bus as the very frames of the history', async () => {
  const cid = await createRoom();
  const bus = await connectTestBus(house);
  const frames: string[] = [];
  bus.subscribe(subjects.conversation(tenant.tid, cid, 'msg'), (payload) => {
    const batch = decodeBatch(payload);
    expect(batch.header).toMatchObject({ type: 'messages', tid: tenant.tid, cid });
    frames.push(...batch.frames.map((frame) => Buffer.from(frame).toString()));
  });
  await bus.flush();
  await send(alice, cid, text('one \u0000 "two"'));
  await alice.delete(`/v1/conversations/${cid}/participants/ext:bob`);
  await expect.poll(() => frames).toHaveLength(2);
  const history = await alice.get(`/v1/conversations/${cid}/messages`);
  for (const frame of frames) expect(history.text).toContain(frame);
});

describe('[MSG-3] [MSG-4] changes', () => {
  test('[REV-5] [REV-6] edit, react, recall: each answers with the new state, and changes lists the final ones', async () => {
    const cid = await createRoom();
    for (const words of ['one', 'two', 'three']) await send(alice, cid, text(words));
    const path = (seq: number, more = '') => `/v1/conversations/${cid}/messages/${seq}${more}`;

    const edited = await alice.patch(path(1), { body: { text: 'ONE' } });
    expect([edited.status, edited.body]).toEqual([
      200,
      expect.objectContaining({ seq: 1, rev: 1, edited: true, body: { text: 'ONE' }, from: alice.uid }),
    ]);
    const heart = path(2, `/reactions/${encodeURIComponent('❤️')}`);
    expect((await bob.put(heart)).body).toMatchObject({ seq: 2, rev: 2, reactions: { '❤️': 1 } });
    expect((await alice.put(heart)).body).toMatchObject({ rev: 3, reactions: { '❤️': 2 } });
    expect((await alice.put(heart)).body).toMatchObject({ rev: 3, reactions: { '❤️': 2 } });
    expect((await bob.delete(heart)).body).toMatchObject({ rev: 4, reactions: { '❤️': 1 } });
    const recalled = await alice.delete(path(3));
    expect(recalled.body).toMatchObject({ seq: 3, rev: 5, recalled: true });
    expect(recalled.text).not.toContain('three');

    const all = await bob.get(`/v1/conversations/${cid}/changes?after=0`);
    expect(all.body.rev).toBe(5);
    expect(all.body.items.map(({ t, seq, rev }: Record<string, unknown>) => [t, seq, rev])).toEqual([
      ['update', 1, 1],
      ['update', 2, 4],
      ['update', 3, 5],
    ]);
    expect((await bob.get(`/v1/conversations/${cid}/changes?after=1&limit=1`)).body.items[0].rev).toBe(4);
    const history = await items(cid);
    expect(history.map(({ seq, rev }: Record<string, unknown>) => [seq, rev])).toEqual([
      [1, 1],
      [2, 4],
      [3, 5],
    ]);
  });

  test('[REV-7] by the sender alone; recalled by admins too; of what exists', async () => {
    const cid = await createRoom();
    await send(bob, cid, text('bob’s'));
    await send(alice, cid, text('alice’s'));
    const path = (seq: number) => `/v1/conversations/${cid}/messages/${seq}`;
    const code = async (answer: Promise<{ body: { code: string } }>) => (await answer).body.code;
    expect(await code(alice.patch(path(1), { body: { text: 'x' } }))).toBe('forbidden');
    expect(await code(bob.delete(path(2)))).toBe('forbidden');
    expect(await code(alice.patch(path(9), { body: { text: 'x' } }))).toBe('not_found');
    expect(await code(alice.patch(path(2), { body: { text: '' } }))).toBe('bad_request');
    expect(await code(alice.patch(path(2), { body: { text: 'x'.repeat(16_001) } }))).toBe('too_large');
    expect((await alice.delete(path(1))).status).toBe(200);
    const long = await alice.put(`${path(2)}/reactions/${'x'.repeat(33)}`);
    expect([long.status, long.body.errors[0].path]).toEqual([400, 'emoji']);
  });
});

describe('[CORE-8] reading', () => {
  test('[READ-1] [READ-2] [READ-3] only forward, never beyond the head, told to the room when it moved', async () => {
    const cid = await createRoom();
    for (const words of ['one', 'two', 'three']) await send(alice, cid, text(words));
    const heard = await listen(house, subjects.conversation(tenant.tid, cid, 'read'));
    const read = async (pos: unknown) => (await bob.put(`/v1/conversations/${cid}/read`, { pos })).body;
    expect(await read(2)).toEqual({ pos: 2, unread: 1 });
    expect(await read(1)).toEqual({ pos: 2, unread: 1 });
    expect(await read(2)).toEqual({ pos: 2, unread: 1 });
    expect(await read(99)).toEqual({ pos: 3, unread: 0 });
    expect((await bob.get(`/v1/conversations/${cid}`)).body).toMatchObject({ readPos: 3, unread: 0 });
    await expect
      .poll(() => heard)
      .toEqual([
        { v: 1, cid, userId: bob.uid, pos: 2 },
        { v: 1, cid, userId: bob.uid, pos: 3 },
      ]);
    expect((await read(-1)).errors[0].path).toBe('pos');
    expect((await read('2')).code).toBe('bad_request');
  });
});
