/** What one user leaves behind is never done as another. */
import { expect, test } from 'vitest';
import { connected, type FakeGateway, OTHER, ROOM, settle, YOU } from './test/fake-gateway.ts';

/** From the next connection on, somebody else is signed in. */
function signInAs(gateway: FakeGateway, userId: string): void {
  const ready = gateway.ready();
  gateway.ready = () => ({ ...ready, userId });
}

test('after `close` and the sign-in of another user nothing of the first one is sent', async () => {
  let token = 'of-the-first';
  const { client, gateway } = await connected({ token: () => token });
  const room = client.join(ROOM, { since: 0, rev: 0 });
  await room.joined;
  gateway.post(ROOM, 'a');
  const refused: string[] = [];
  room.on('refused', ({ code }) => refused.push(code));
  gateway.deafTo.add('send').add('edit').add('read');
  const send = room.send({ text: 'private' });
  const edit = room.edit(1, { text: 'private' });
  room.read(1);
  client.close();
  gateway.deafTo.clear();
  token = 'of-the-second';
  signInAs(gateway, YOU);
  const own = client.join(OTHER);
  const mine = client.conversation(OTHER).send({ text: 'mine' });
  client.connect();
  await expect(send.delivered).rejects.toMatchObject({ code: 'forbidden' });
  await expect(edit).rejects.toMatchObject({ code: 'forbidden' });
  expect(await mine.delivered).toEqual({ seq: 1 });
  await own.joined;
  expect(refused).toEqual(['forbidden']);
  expect(gateway.live.received.map(({ t }) => t).toSorted()).toEqual(['ack', 'auth', 'join', 'send']);
  expect(gateway.live.received.flatMap((frame) => ('cid' in frame ? [frame.cid] : []))).toEqual([OTHER, OTHER, OTHER]);
  expect(gateway.live.frames('auth')).toEqual([{ t: 'auth', jwt: 'of-the-second' }]);
  expect([room.position, client.userId, client.unsent]).toEqual([undefined, YOU, 0]);
});

test('the same user goes on where they were', async () => {
  const { client, gateway, shown } = await connected({ token: () => 'mine' });
  await client.join(ROOM, { since: 0, rev: 0 }).joined;
  gateway.post(ROOM, 'a');
  gateway.deafTo.add('send');
  const { delivered } = client.conversation(ROOM).send({ text: 'b' });
  client.close();
  gateway.deafTo.clear();
  gateway.post(ROOM, 'c');
  client.join(ROOM);
  client.connect();
  expect(await delivered).toEqual({ seq: 3 });
  expect(shown.map((line) => line.slice(0, 1))).toEqual(['1', '2', '3']);
});

test('a user who changes without `close` leaves nothing either', async () => {
  const { client, gateway } = await connected({ token: () => 'x' });
  gateway.deafTo.add('send');
  const { delivered } = client.conversation(ROOM).send({ text: 'private' });
  gateway.deafTo.clear();
  signInAs(gateway, YOU);
  gateway.live.end(1006);
  gateway.clock.advance(8_000);
  await settle();
  await expect(delivered).rejects.toMatchObject({ code: 'forbidden' });
  expect(gateway.live.frames('send')).toEqual([]);
});

test('where the first user stood in a conversation that was left is nothing to the second', async () => {
  const { client, gateway, shown } = await connected({ token: () => 'x' });
  const room = client.join(ROOM, { since: 0, rev: 0 });
  await room.joined;
  gateway.post(ROOM, 'a');
  room.leave();
  client.close();
  gateway.post(ROOM, 'b');
  signInAs(gateway, YOU);
  client.connect();
  await settle();
  await room.join().joined;
  gateway.post(ROOM, 'c');
  expect(shown).toEqual(['1:a', '3:c']);
});
