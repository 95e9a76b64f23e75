/** Receipts, positions of reading, typing, changes, presence. */
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

test('[READ-1] a read position moves forward only, and is repeated if it may have been lost', async () => {
  const { client, gateway } = await connected();
  for (const mid of ['a', 'b', 'c']) gateway.post(ROOM, mid);
  const room = client.join(ROOM);
  await room.joined;
  for (const pos of [2, 1, 2, 3]) room.read(pos);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([2, 3]);
  await breakConnection(gateway);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([3]);
  gateway.live.push({ t: 'read', cid: ROOM, pos: 3, from: ME });
  expect(room.reads.get(ME)).toBe(3);
  await breakConnection(gateway);
  expect(gateway.live.frames('read')).toEqual([]);
});

test('[READ-1] a report that was refused for the moment, or lost, is repeated until the server tells of it', async () => {
  const { client, gateway } = await connected();
  for (const mid of ['a', 'b', 'c']) gateway.post(ROOM, mid);
  const room = client.join(ROOM);
  await room.joined;
  room.read(2);
  gateway.live.push({ t: 'error', code: 'unavailable', msg: 'not now', cid: ROOM });
  gateway.clock.advance(5_000);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([2, 2]);
  room.read(3);
  gateway.live.push({ t: 'read', cid: ROOM, pos: 2, from: ME });
  gateway.clock.advance(5_000);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([2, 2, 3, 3]);
  gateway.live.push({ t: 'read', cid: ROOM, pos: 3, from: ME });
  gateway.clock.advance(600_000);
  expect(gateway.live.frames('read').map(({ pos }) => pos)).toEqual([2, 2, 3, 3]);
});

test('[READ-1] a report of which no word comes is not repeated for ever', async () => {
  const { client, gateway } = await connected();
  gateway.post(ROOM, 'a');
  const joined = client.join(ROOM);
  await joined.joined;
  joined.read(1);
  client.conversation(OTHER).read(1);
  for (let minute = 0; minute < 20; minute += 1) {
    gateway.clock.advance(20_000);
    gateway.live.push({ t: 'pong', at: 0 });
  }
  const reports = gateway.live.frames('read').map(({ cid }) => cid);
  expect(reports.filter((cid) => cid === ROOM)).toHaveLength(6);
  expect(reports.filter((cid) => cid === OTHER)).toHaveLength(1);
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

test('a change settles by the update, or by its refusal, and survives a reconnect', async () => {
  const { client, gateway } = await connected();
  const stored = gateway.post(ROOM, 'a');
  const room = client.join(ROOM);
  await room.joined;
  const edit = room.edit(1, { text: 'b' });
  const refused = room.recall(1);
  await breakConnection(gateway);
  const [again] = gateway.live.frames('edit');
  const [recall] = gateway.live.frames('recall');
  expect(again).toMatchObject({ cid: ROOM, seq: 1, body: { text: 'b' } });
  gateway.live.push({ ...stored, t: 'update', rev: 1, reactions: { '👍': 1 } });
  gateway.live.push({ ...stored, t: 'update', rev: 2, body: { text: 'b' }, edited: true });
  gateway.live.push({ t: 'error', code: 'forbidden', msg: '', cid: ROOM, ref: recall!.ref });
  await expect(edit).resolves.toBeUndefined();
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
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
