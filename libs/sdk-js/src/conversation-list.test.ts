import { expect, test } from 'vitest';
import { ConversationList } from './conversation-list.ts';
import { breakConnection, connected, ME, OTHER, ROOM, settle, YOU } from './test/fake-gateway.ts';
import type { ConversationInfo } from './wire.ts';

const info = (cid: string, head = 0, unread = 0): ConversationInfo => ({
  ...{ cid, kind: 'group', name: null, topic: null, avatar: null, metadata: {}, archived: false, history: 'all' },
  ...{ createdBy: YOU, createdAt: 1, head, rev: 0, epoch: 0, first: 1, peer: null, myRole: 'member', readPos: 0 },
  ...{ unread, settings: null, lastMessage: null, posting: 'all', slowSeconds: 0 },
});

/** A list over REST answers that are the test's. */
async function listed(...conversations: ConversationInfo[]) {
  const record = new Map(conversations.map((item) => [item.cid, item]));
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    const { pathname } = new URL(String(url));
    asked.push(pathname);
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
