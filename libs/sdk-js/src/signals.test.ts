/** Receipts, positions of reading, typing, changes, presence, events of the user. */
import { LIMITS } from '@messagecore/protocol/constants';
import { expect, test } from 'vitest';
import { breakConnection, connected, FakeGateway, ME, OTHER, ROOM, settle, YOU } from './test/fake-gateway.ts';

test('[ACK-1] receipts are gathered', async () => {
  const { client, gateway } = await connected();
  await client.join(ROOM, { since: 0, rev: 0 }).joined;
  for (let i = 0; i < 50; i += 1) gateway.post(ROOM, `m${i}`);
  expect(gateway.live.frames('ack')).toEqual([]);
  gateway.clock.advance(1_000);
  expect(gateway.live.frames('ack')).toEqual([{ t: 'ack', cid: ROOM, pos: 50 }]);
});

test('[READ-1] a read position moves forward only, one report at a time, and is repeated if it may have been lost', async () => {
  const { client, gateway } = await connected();
  for (const mid of ['a', 'b', 'c']) gateway.post(ROOM, mid);
  const room = client.join(ROOM);
  await room.joined;
  gateway.deafTo.add('read');
  for (const pos of [2, 1, 2, 3]) room.read(pos);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([2]);
  await breakConnection(gateway);
  const [{ ref } = { ref: undefined }] = gateway.live.frames('read');
  gateway.live.push({ t: 'result', ref: ref!, cid: ROOM, pos: 3, unread: 0 });
  expect([gateway.live.frames('read').map(({ pos }) => pos), room.reads.get(ME)]).toEqual([[3], 3]);
  await breakConnection(gateway);
  expect(gateway.live.frames('read')).toEqual([]);
});

test('[ANS-1] a report that was refused for the moment goes again, and what was read meanwhile with it', async () => {
  for (const isJoined of [true, false]) {
    const { client, gateway } = await connected();
    for (const mid of ['a', 'b', 'c']) gateway.post(ROOM, mid);
    const room = isJoined ? client.join(ROOM) : client.conversation(ROOM);
    if (isJoined) await room.joined;
    gateway.deafTo.add('read');
    room.read(2);
    const [{ ref } = { ref: '' }] = gateway.live.frames('read');
    gateway.live.push({ t: 'error', code: 'unavailable', msg: '', cid: ROOM, ref: 'of-another', retryAfterMs: 1 });
    gateway.live.push({ t: 'error', code: 'unavailable', msg: '', cid: ROOM, ref: ref!, retryAfterMs: 5_000 });
    room.read(3);
    gateway.clock.advance(4_999);
    expect(gateway.live.frames('read')).toHaveLength(1);
    gateway.deafTo.clear();
    gateway.clock.advance(1);
    gateway.clock.advance(600_000);
    expect(gateway.sockets[0]!.frames('read').map(({ pos }) => pos)).toEqual([2, 3]);
  }
});

test('[ANS-1] a report that was refused for good, or capped at the head, is not repeated', async () => {
  const { client, gateway } = await connected();
  gateway.post(ROOM, 'a');
  const room = client.join(ROOM);
  await room.joined;
  gateway.instead = (socket, frame) => {
    if (frame.t !== 'read') return false;
    const { cid, ref } = frame;
    if (cid === ROOM) socket.push({ t: 'result', ref: ref!, cid, pos: 1, unread: 0 });
    else socket.push({ t: 'error', code: 'not_member', msg: '', ref: ref!, cid });
    return true;
  };
  room.read(100);
  client.conversation(OTHER).read(1);
  await breakConnection(gateway);
  expect([gateway.sockets[0]!.frames('read').length, gateway.live.frames('read').length]).toEqual([2, 0]);
  expect(room.reads.get(ME)).toBe(1);
});

test('[TYP-3] typing is renewed in time and no more often', async () => {
  const { client, gateway } = await connected();
  const room = client.join(ROOM);
  await room.joined;
  room.typing(false);
  for (let ms = 0; ms < LIMITS.typingMs; ms += 100) {
    room.typing(true);
    gateway.clock.advance(100);
  }
  room.typing(false);
  room.typing(false);
  expect(gateway.live.frames('typing').map(({ on }) => on)).toEqual([true, true, false]);
});

test('[TYP-5] nobody is told of typing while the conversation is not joined', async () => {
  const { client, gateway } = await connected();
  const room = client.join(ROOM);
  room.typing(true);
  await room.joined;
  room.typing(true);
  gateway.deafTo.add('resume').add('join');
  await breakConnection(gateway);
  room.typing(true);
  expect(gateway.sockets.map((socket) => socket.frames('typing').length)).toEqual([1, 0]);
  room.leave();
  room.typing(true);
  expect(gateway.live.frames('typing')).toEqual([]);
});

test('[ANS-1] a change settles by its own answer, and survives a reconnect', async () => {
  const { client, gateway } = await connected();
  const stored = gateway.post(ROOM, 'a');
  const room = client.join(ROOM);
  await room.joined;
  gateway.deafTo.add('edit').add('recall').add('react');
  const edit = room.edit(1, { text: 'b' });
  const refused = room.recall(1);
  const react = room.react(1, '👍');
  let settled = 0;
  for (const change of [edit, refused, react]) change.catch(() => undefined).finally(() => (settled += 1));
  await breakConnection(gateway);
  const [again] = gateway.live.frames('edit');
  const [recall] = gateway.live.frames('recall');
  const [reaction] = gateway.live.frames('react');
  expect(again).toMatchObject({ cid: ROOM, seq: 1, body: { text: 'b' } });
  gateway.live.push({ ...stored, t: 'update', rev: 2, body: { text: 'b' }, edited: true, reactions: { '👍': 1 } });
  await settle();
  expect(settled).toBe(0);
  gateway.live.push({ t: 'result', ref: again!.ref, cid: ROOM, rev: 2 });
  gateway.live.push({ t: 'error', code: 'forbidden', msg: '', cid: ROOM, ref: recall!.ref });
  gateway.live.push({ t: 'error', code: 'too_large', msg: '', cid: ROOM, ref: reaction!.ref });
  await expect(edit).resolves.toBeUndefined();
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  await expect(react).rejects.toMatchObject({ code: 'too_large' });
  await breakConnection(gateway);
  expect(gateway.live.received.map(({ t }) => t)).not.toContain('edit');
});

test('[ANS-6] a long change that was refused unread goes again', async () => {
  const { client, gateway } = await connected();
  gateway.deafTo.add('edit').add('recall');
  void client.conversation(ROOM).edit(1, { text: 'x'.repeat(20_000) });
  void client.conversation(ROOM).recall(2);
  gateway.live.push({ t: 'error', code: 'rate_limited', msg: '', retryAfterMs: 100 });
  gateway.clock.advance(1_000);
  expect([gateway.live.frames('edit').length, gateway.live.frames('recall').length]).toEqual([2, 1]);
});

test.each(['', '{', 'null', '7', '[]', '{}', '{"t":7}', undefined, '{"t":"heads"}'])(
  'what is no frame (%j) is passed over and reported',
  async (data) => {
    const { client, gateway, shown } = await connected();
    const { live } = gateway;
    await client.join(ROOM).joined;
    const warnings: string[] = [];
    client.on('warning', ({ kind }) => warnings.push(kind));
    live.pushRaw(data);
    gateway.post(ROOM, 'a');
    expect([client.state.phase, gateway.live === live, warnings, shown]).toEqual([
      'online',
      true,
      ['unreadable'],
      ['1:a'],
    ]);
  },
);

test('[PRES-1] that nobody is at the device is said once, and again over a new connection, until somebody is', async () => {
  const { client, gateway } = await connected();
  const said = () => gateway.live.frames('presence').map(({ state }) => state);
  client.setAway(false);
  expect(said()).toEqual([]);
  for (const isAway of [true, true]) client.setAway(isAway);
  expect(said()).toEqual(['away']);
  await breakConnection(gateway);
  expect(said()).toEqual(['away']);
  client.setAway(false);
  expect(said()).toEqual(['away', 'online']);
  await breakConnection(gateway);
  expect(said()).toEqual([]);
  client.close();
  client.setAway(true);
  client.connect();
  await settle();
  expect(said()).toEqual(['away']);
});

test('watched users are watched again', async () => {
  const { client, gateway } = await connected();
  client.watch([YOU]);
  await breakConnection(gateway);
  expect(gateway.live.frames('watch')).toEqual([{ t: 'watch', users: [YOU] }]);
});

test('whoever answers `auth` with something else than `ready` is no server: the client starts over', async () => {
  const gateway = new FakeGateway();
  gateway.deafTo.add('auth');
  const client = gateway.client();
  client.connect();
  await settle();
  gateway.live.pushRaw('<html>');
  expect(client.state.phase).toBe('waiting');
  gateway.deafTo.clear();
  gateway.clock.advance(8_000);
  await settle();
  expect([client.state.phase, gateway.sockets.length]).toEqual(['online', 2]);
});

test('[EVT-1] events of the user come by their name, those of a later version are ignored', async () => {
  const { client, gateway } = await connected();
  const heard: unknown[] = [];
  client.on('conversation.settings', ({ cid, data }) => heard.push([cid, data.pinned, data.level]));
  client.on('conversation.draft', ({ cid, data }) => heard.push([cid, data.body, data.version]));
  const settings = {
    silentUntil: null,
    pinned: true,
    hidden: false,
    favourite: false,
    markedUnread: false,
    level: 'mentions',
  };
  gateway.live.push({ t: 'event', event: 'conversation.settings', cid: ROOM, data: settings });
  gateway.live.push({ t: 'event', event: 'weather.changed', data: { rain: true } });
  const draft = { cid: ROOM, body: { text: 'Dear all' }, replyTo: null, version: 7, at: 7 };
  gateway.live.push({ t: 'event', event: 'conversation.draft', cid: ROOM, data: draft });
  expect(heard).toEqual([
    [ROOM, true, 'mentions'],
    [ROOM, { text: 'Dear all' }, 7],
  ]);
});
