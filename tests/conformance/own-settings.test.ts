/** A user's own settings of a conversation (SET), and events for a user's sessions (EVT). */
import { LIMITS } from '@messagecore/protocol';
import type { Conversation, ConversationSettings, Page, UpdateSettings } from '@messagecore/protocol/features';
import { conversationOperations as operations } from '@messagecore/protocol/features';
import { call, must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const DEFAULTS: ConversationSettings = {
  ...{ silentUntil: null, pinned: false, hidden: false, favourite: false, markedUnread: false, level: 'all' },
};

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const url = (cid: string) => `${system.api}/v1/conversations/${cid}`;
const read = (user: TestUser, cid: string) => must<Conversation>('GET', url(cid), { headers: user.auth });
const change = (user: TestUser, cid: string, body: UpdateSettings) =>
  must<ConversationSettings>('PATCH', `${url(cid)}/settings`, { headers: user.auth, body });

/** All that the list gives, over all of its pages. */
async function list(user: TestUser, query = '', limit = 50): Promise<string[]> {
  const cids: string[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${cursor}`;
    const path = `${system.api}/v1/conversations?limit=${limit}${query}${after}`;
    const page: Page<Conversation> = await must<Page<Conversation>>('GET', path, { headers: user.auth });
    cids.push(...page.items.map(({ cid }) => cid));
    cursor = page.next;
  } while (cursor !== null);
  return cids;
}

test('[SET-1] settings are the user’s own, change by what is named, and end with the membership', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  expect((await read(users.bob, cid)).settings).toEqual(DEFAULTS);
  const until = Date.now() + 3_600_000;
  expect(await change(users.bob, cid, { silentUntil: until, level: 'mentions' })).toEqual({
    ...{ ...DEFAULTS, silentUntil: until, level: 'mentions' },
  });
  const settings = await change(users.bob, cid, { favourite: true, silentUntil: null });
  expect(settings).toEqual({ ...DEFAULTS, favourite: true, level: 'mentions' });
  expect((await read(users.bob, cid)).settings).toEqual(settings);
  expect((await read(users.ann, cid)).settings).toEqual(DEFAULTS);
  const asService = await must<Conversation>('GET', url(cid), { headers: tenant.backEnd });
  expect(asService.settings).toBe(null);

  await must('DELETE', `${url(cid)}/participants/${users.bob.userId}`, { headers: users.ann.auth });
  const refused = await call('PATCH', `${url(cid)}/settings`, { headers: users.bob.auth, body: { pinned: true } });
  expect([refused.status, refused.body.code]).toEqual([403, 'not_member']);
  const add = { headers: users.ann.auth, body: { users: [users.bob.userId] } };
  await must('POST', `${url(cid)}/participants`, add);
  expect((await read(users.bob, cid)).settings).toEqual(DEFAULTS);
});

test('[SET-1] a time that is over is none, and nothing to change is refused', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  expect((await change(users.ann, cid, { silentUntil: 1_000 })).silentUntil).toBe(null);
  for (const body of [{}, { level: 'some' }, { silentUntil: -1 }, { pinned: 'yes' }]) {
    const answer = await call('PATCH', `${url(cid)}/settings`, { headers: users.ann.auth, body });
    expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'bad_request']);
  }
});

test('[SET-2] a hidden conversation comes back with the next message', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  await ann.sayAndWait(cid, 'one');
  await change(users.bob, cid, { hidden: true });
  expect([await list(users.bob), await list(users.bob, '&hidden=true')]).toEqual([[], [cid]]);
  expect(await list(users.ann)).toEqual([cid]);
  await ann.sayAndWait(cid, 'two');
  expect([await list(users.bob), await list(users.bob, '&hidden=true')]).toEqual([[cid], []]);
  expect((await read(users.bob, cid)).settings?.hidden).toBe(false);
});

test('[SET-2] a silent one stays hidden until it is not silent any more', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  await change(users.bob, cid, { hidden: true, silentUntil: Date.now() + 3_600_000 });
  await ann.sayAndWait(cid, 'one');
  expect([await list(users.bob), await list(users.bob, '&hidden=true')]).toEqual([[], [cid]]);
  await change(users.bob, cid, { silentUntil: Date.now() + 1_500 });
  await vi.waitUntil(async () => (await list(users.bob)).includes(cid), 60_000);
  await change(users.bob, cid, { hidden: true });
  await change(users.bob, cid, { hidden: false });
  expect(await list(users.bob)).toEqual([cid]);
});

test('[SET-3] pinned conversations come first, over all pages, and favourites are found', async () => {
  const tenant = await system.tenant();
  const ann = await tenant.user('ann');
  const cids: string[] = [];
  for (let n = 0; n < 7; n += 1) cids.push(await tenant.channel(ann));
  const newestFirst = cids.toReversed();
  expect(await list(ann)).toEqual(newestFirst);
  const [first, second, third] = cids as [string, string, string];
  for (const cid of [second, first]) await change(ann, cid, { pinned: true });
  for (const cid of [third, first]) await change(ann, cid, { favourite: true });
  const expected = [second, first, ...newestFirst.filter((cid) => cid !== first && cid !== second)];
  for (const limit of [1, 2, 3, 50]) expect(await list(ann, '', limit)).toEqual(expected);
  expect(await list(ann, '&favourite=true', 1)).toEqual([first, third]);
  expect(await list(ann, '&favourite=false')).toEqual(expected.filter((cid) => cid !== first && cid !== third));
  await change(ann, first, { pinned: false });
  expect((await list(ann))[0]).toBe(second);
});

async function seedPinned(tid: string, { userId }: TestUser, count: number): Promise<string[]> {
  const rows = await system.sql<{ cid: string }[]>`
    with made as (
      insert into conversations (conversation_id, tenant_id, kind, created_by)
      select gen_random_uuid(), ${tid}, 'group', ${userId} from generate_series(1, ${count}) returning conversation_id
    )
    insert into participants (conversation_id, user_id, tenant_id, pinned)
    select conversation_id, ${userId}, ${tid}, true from made returning conversation_id as cid`;
  return rows.map(({ cid }) => cid);
}

test('[SET-3] so many may be pinned', async () => {
  const tenant = await system.tenant();
  const ann = await tenant.user('ann');
  const one = await tenant.channel(ann);
  const most = await seedPinned(tenant.tenantId, ann, LIMITS.pinnedConversations);
  const refused = await call('PATCH', `${url(one)}/settings`, { headers: ann.auth, body: { pinned: true } });
  expect([refused.status, refused.body.code]).toEqual([413, 'too_large']);
  await change(ann, most[0]!, { pinned: true });
  await change(ann, most[0]!, { pinned: false });
  expect((await change(ann, one, { pinned: true })).pinned).toBe(true);
});

test('[SET-4] [EVT-1] a change reaches the user’s other sessions at every gateway, and nobody else', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [phone, tablet, laptop, bob] = await Promise.all([
    system.connect(users.ann, { gateway: 0 }),
    system.connect(users.ann, { gateway: 0 }),
    system.connect(users.ann, { gateway: 1, encoding: 'msgpack' }),
    system.connect(users.bob, { gateway: 1 }),
  ]);
  await laptop.join(cid);
  const data = { ...DEFAULTS, pinned: true };
  expect(await callOf(phone, operations.updateSettings, { cid, pinned: true })).toMatchObject({ t: 'result', data });
  for (const { record } of [tablet, laptop]) {
    const event = await record.next('event', { cid });
    expect(event).toEqual({ t: 'event', event: 'conversation.settings', cid, data });
  }
  await change(users.ann, cid, { pinned: false });
  for (const { record } of [phone, tablet, laptop]) await record.next('event', { cid, data: DEFAULTS });
  for (const client of [phone, bob]) await client.settle();
  expect(phone.record.of('event')).toHaveLength(1);
  expect(bob.record.of('event')).toEqual([]);
});

test('[EVT-2] events come in the order of the changes', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const [phone, laptop] = [await system.connect(users.ann), await system.connect(users.ann, { gateway: 1 })];
  const times = Array.from({ length: 12 }, (_, n) => Date.now() + 3_600_000 + n);
  for (const [n, silentUntil] of times.entries())
    phone.sendFrame({ t: 'call', op: 'settings.update', ref: `s${n}`, cid, args: { silentUntil } });
  const heard = () => laptop.record.of('event').map(({ data }) => data['silentUntil']);
  await laptop.record.until('all events', () => new Set(heard()).size === times.length);
  expect([...new Set(heard())]).toEqual(times);
});

test('[EVT-2] an event that the bus was away for comes when it is back', async () => {
  const apart = await startSystem();
  try {
    const { cid, users } = await newRoom(apart, 'ann');
    const sessions = await Promise.all([0, 1].map((gateway) => apart.connect(users.ann, { gateway })));
    await apart.nats.kill();
    const body = { favourite: true };
    await must('PATCH', `${apart.api}/v1/conversations/${cid}/settings`, { headers: users.ann.auth, body });
    await apart.nats.restart();
    for (const { record } of sessions)
      expect((await record.next('event', { cid })).data).toEqual({ ...DEFAULTS, favourite: true });
  } finally {
    await apart.stop();
  }
});

test('[SET-5] marked as unread until the position moves, or it is taken back', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [ann, bob] = [await system.connect(users.ann), await system.connect(users.bob)];
  await bob.join(cid);
  const seq = await ann.sayAndWait(cid, 'one');
  const readUpTo = async (pos: number) => {
    bob.sendFrame({ t: 'read', cid, pos });
    await bob.record.next('read', { cid, from: users.bob.userId, pos });
  };
  await readUpTo(seq);
  expect(await change(users.bob, cid, { markedUnread: true })).toMatchObject({ markedUnread: true });
  expect(await read(users.bob, cid)).toMatchObject({ unread: 0, readPos: seq, settings: { markedUnread: true } });
  expect((await read(users.ann, cid)).settings).toMatchObject({ markedUnread: false });
  await readUpTo(await ann.sayAndWait(cid, 'two'));
  expect((await read(users.bob, cid)).settings).toMatchObject({ markedUnread: false });
  await change(users.bob, cid, { markedUnread: true });
  expect(await change(users.bob, cid, { markedUnread: false })).toMatchObject({ markedUnread: false });
});
