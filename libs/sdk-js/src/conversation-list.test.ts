import { expect, test } from 'vitest';
import { ConversationList } from './conversation-list.ts';
import { breakConnection, connected, ME, OTHER, ROOM, settle, YOU } from './test/fake-gateway.ts';
import type { ConversationInfo } from './conversation-info.ts';

const info = (cid: string, head = 0, unread = 0): ConversationInfo => ({
  ...{ cid, kind: 'group', name: null, topic: null, avatar: null, metadata: {}, archived: false, history: 'all' },
  ...{ createdBy: YOU, createdAt: 1, head, rev: 0, epoch: 0, first: 1, peer: null, myRole: 'member', readPos: 0 },
  ...{ unread, mentions: 0, settings: null, lastMessage: null, posting: 'all', slowSeconds: 0, openToListeners: false },
});

const GROUPS = [
  { groupId: 'own', name: 'Own', members: 1, mine: true },
  { groupId: 'other', name: 'Other', members: 1, mine: false },
];

/** A list over REST answers that are the test's. */
async function listed(...conversations: ConversationInfo[]) {
  const record = new Map(conversations.map((item) => [item.cid, item]));
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    const { pathname } = new URL(String(url));
    asked.push(pathname);
    if (pathname === '/v1/user-groups') return Response.json({ items: GROUPS, next: null });
    const cid = pathname.split('/')[3];
    if (cid === undefined) return Response.json({ items: [...record.values()], next: null });
    return record.has(cid) ? Response.json(record.get(cid)) : Response.json({ code: 'not_found' }, { status: 404 });
  };
  const { client, gateway } = await connected({ inbox: true, fetch });
  const list = new ConversationList(client);
  await settled();
  const shown = () => list.items.map(({ cid, head, unread }) => [cid, head, unread]);
  return { client, gateway, list, record, asked, shown };
}

const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await settle();
};

test('[INB-1] a client that wants `inbox` asks for it with its token', async () => {
  const { gateway } = await connected({ inbox: true });
  expect(gateway.live.frames('auth')).toEqual([{ t: 'auth', jwt: 'secret', inbox: true }]);
});

test('[INB-2] news of what is not joined move a conversation to the front, with its count and preview', async () => {
  const { gateway, list, shown } = await listed(info(ROOM, 5), info(OTHER, 7));
  let changes = 0;
  list.on('change', () => (changes += 1));
  gateway.live.push({ t: 'inbox', cid: OTHER, head: 9, unread: 2, preview: 'hello' });
  gateway.live.push({ t: 'inbox', cid: OTHER, head: 8, unread: 1, preview: 'older' });
  expect(shown()).toEqual([
    [OTHER, 9, 2],
    [ROOM, 5, 0],
  ]);
  expect([list.items[0]?.preview, changes]).toEqual(['hello', 1]);
});

test('messages of what is joined, positions and removals count as well', async () => {
  const { client, gateway, list, shown } = await listed(info(OTHER), info(ROOM));
  await client.join(ROOM).joined;
  const message = gateway.post(ROOM, 'a');
  gateway.post(ROOM, 'b', { from: ME });
  expect(shown()).toEqual([
    [ROOM, 2, 1],
    [OTHER, 0, 0],
  ]);
  gateway.live.push({ ...message, t: 'update', rev: 1, edited: true }, { t: 'read', cid: ROOM, pos: 2, from: ME });
  expect([shown()[0], list.items[0]?.lastMessage?.mid]).toEqual([[ROOM, 2, 0], 'b']);
  gateway.live.push({ t: 'conv', cid: OTHER, event: 'removed', users: [ME] });
  expect(shown()).toEqual([[ROOM, 2, 0]]);
});

test('[MEN-6] unread mentions are counted along, by name and with everybody, until they are read', async () => {
  const { client, gateway, list } = await listed(info(OTHER), info(ROOM));
  const counts = () => Object.fromEntries(list.items.map(({ cid, mentions }) => [cid, mentions]));
  gateway.live.push({ t: 'inbox', cid: OTHER, head: 9, unread: 2, mentions: 2 });
  await client.join(ROOM).joined;
  gateway.post(ROOM, 'a', { mentions: { users: [ME] } });
  gateway.post(ROOM, 'b', { mentions: { users: [YOU] } });
  gateway.post(ROOM, 'c', { mentions: { users: [], all: true } });
  gateway.post(ROOM, 'd', { from: ME, mentions: { users: [], all: true } });
  expect(counts()).toEqual({ [OTHER]: 2, [ROOM]: 2 });
  gateway.live.push({ t: 'inbox', cid: OTHER, head: 10, unread: 3 }, { t: 'read', cid: ROOM, pos: 4, from: ME });
  expect(counts()).toEqual({ [OTHER]: 0, [ROOM]: 0 });
});

test('[MEN-11] mentions by the groups of the user are counted along, which are asked for once', async () => {
  const { client, gateway, list, asked } = await listed(info(ROOM));
  await client.join(ROOM).joined;
  const by = (...groups: string[]) => ({ mentions: { users: [], groups: groups.map((id) => ({ id, name: id })) } });
  gateway.post(ROOM, 'a', by('other', 'own'));
  gateway.post(ROOM, 'b', by('other'));
  gateway.post(ROOM, 'c', { mentions: { users: [ME], groups: [{ id: 'own', name: 'own' }] } });
  gateway.post(ROOM, 'd', by('own'));
  await settled();
  expect(list.items[0]?.mentions).toBe(3);
  expect(asked.filter((path) => path === '/v1/user-groups')).toHaveLength(1);
});

test('[MEN-11] what the list’s answer has counted is not counted again when it is replayed', async () => {
  const { client, gateway, list, record } = await listed(info(ROOM));
  await client.join(ROOM).joined;
  const mentions = { users: [], groups: [{ id: 'own', name: 'own' }] };
  gateway.post(ROOM, 'a', { mentions, lost: true });
  record.set(ROOM, { ...info(ROOM, 1, 1), mentions: 1 });
  await breakConnection(gateway);
  await settled();
  expect(list.items[0]).toMatchObject({ head: 1, unread: 1, mentions: 1 });
  gateway.post(ROOM, 'b', { mentions });
  await settled();
  expect(list.items[0]).toMatchObject({ head: 2, unread: 2, mentions: 2 });
});

test('a conversation that is not known is read once, and the list again after a break', async () => {
  const { gateway, list, record, asked, shown } = await listed(info(ROOM));
  record.set(OTHER, info(OTHER, 3, 3));
  for (const head of [2, 3]) gateway.live.push({ t: 'inbox', cid: OTHER, head, unread: head });
  await settled();
  expect([shown(), asked.slice(1)]).toEqual([
    [
      [OTHER, 3, 3],
      [ROOM, 0, 0],
    ],
    [`/v1/conversations/${OTHER}`],
  ]);
  record.delete(OTHER);
  await breakConnection(gateway);
  await settled();
  expect(shown()).toEqual([[ROOM, 0, 0]]);
  list.close();
  gateway.live.push({ t: 'inbox', cid: ROOM, head: 2, unread: 1 });
  expect([shown(), list.hasMore]).toEqual([[[ROOM, 0, 0]], false]);
});

const SETTINGS = {
  silentUntil: null,
  pinned: false,
  hidden: false,
  favourite: false,
  markedUnread: false,
  level: 'all',
} as const;
const PINNED = { ...SETTINGS, pinned: true };

test('[SET-3] pinned ones stay in front, whatever there is news of', async () => {
  const { gateway, record, list, shown } = await listed(
    { ...info(ROOM, 5), settings: PINNED },
    { ...info(OTHER, 7), createdAt: 3 },
    { ...info('third', 1), createdAt: 2 },
  );
  const order = () => shown().map(([cid]) => cid);
  gateway.live.push({ t: 'inbox', cid: 'third', head: 2, unread: 1 });
  expect(order()).toEqual([ROOM, 'third', OTHER]);
  gateway.live.push({ t: 'event', event: 'conversation.settings', cid: OTHER, data: PINNED });
  expect([order(), list.items[0]?.settings]).toEqual([[OTHER, ROOM, 'third'], PINNED]);
  gateway.live.push({ t: 'event', event: 'conversation.settings', cid: OTHER, data: SETTINGS });
  expect(order()).toEqual([ROOM, 'third', OTHER]);
  record.set('fourth', { ...info('fourth', 1), createdAt: 9 });
  gateway.live.push({ t: 'conv', cid: 'fourth', event: 'added', users: [ME] });
  await settled();
  expect(order()).toEqual([ROOM, 'fourth', 'third', OTHER]);
});

test('[SET-2] [SET-4] what is hidden leaves the list, shows again with a message, and not while it is silent', async () => {
  const { client, gateway, record, asked, shown } = await listed(info(ROOM, 5), info(OTHER, 7));
  await client.join(OTHER).joined;
  const hide = (cid: string, silentUntil: number | null, head: number) => {
    const data = { ...SETTINGS, hidden: true, silentUntil };
    record.set(cid, { ...info(cid, head), settings: data });
    gateway.live.push({ t: 'event', event: 'conversation.settings', cid, data });
  };
  hide(OTHER, 8_640_000_000_000_000, 8);
  hide(ROOM, 8_640_000_000_000_000, 6);
  expect(shown()).toEqual([]);
  const before = asked.length;
  gateway.post(OTHER, 'not shown');
  gateway.live.push({ t: 'inbox', cid: ROOM, head: 6, unread: 1 });
  await settled();
  expect([shown(), asked.slice(before)]).toEqual([[], [`/v1/conversations/${ROOM}`]]);
  record.set(ROOM, { ...info(ROOM, 7, 1), createdAt: 2, settings: SETTINGS });
  gateway.live.push({ t: 'inbox', cid: ROOM, head: 7, unread: 1 });
  await settled();
  expect(shown()).toEqual([[ROOM, 7, 1]]);
  record.set(OTHER, info(OTHER, 8));
  gateway.live.push({ t: 'event', event: 'conversation.settings', cid: OTHER, data: SETTINGS });
  await settled();
  expect(shown().map(([cid]) => cid)).toEqual([ROOM, OTHER]);
});

test('[SIG-4] changes of what is not listed are left alone; a role is read anew, and what one is no longer in goes', async () => {
  const { gateway, record, asked, list, shown } = await listed(info(ROOM));
  record.set(OTHER, info(OTHER, 3));
  gateway.live.push({ t: 'conv', cid: OTHER, event: 'changed' });
  gateway.live.push({ t: 'conv', cid: OTHER, event: 'added', users: [YOU] });
  gateway.live.push({ t: 'conv', cid: ROOM, event: 'role', users: [YOU] });
  await settled();
  expect([shown(), asked.slice(1)]).toEqual([[[ROOM, 0, 0]], []]);
  record.set(ROOM, { ...info(ROOM), myRole: 'admin' });
  gateway.live.push({ t: 'conv', cid: ROOM, event: 'role', users: [ME] });
  await settled();
  expect(list.items[0]?.myRole).toBe('admin');
  record.delete(ROOM);
  gateway.live.push({ t: 'conv', cid: ROOM, event: 'participants' });
  await settled();
  expect(shown()).toEqual([]);
});

test('what changes while it is read is read again', async () => {
  const { gateway, record, shown, list } = await listed(info(ROOM));
  record.set(ROOM, { ...info(ROOM), topic: 'one' });
  gateway.live.push({ t: 'conv', cid: ROOM, event: 'changed' }, { t: 'conv', cid: ROOM, event: 'changed' });
  record.set(ROOM, { ...info(ROOM), topic: 'two' });
  await settled();
  await settled();
  expect(list.items[0]?.topic).toBe('two');
  gateway.live.push(
    { t: 'conv', cid: ROOM, event: 'changed' },
    { t: 'conv', cid: ROOM, event: 'removed', users: [ME] },
  );
  record.delete(ROOM);
  await settled();
  await settled();
  expect(shown()).toEqual([]);
});
