import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { VirtualClock } from '@messagecore/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { hangUp, LINGER_MS } from './hang-up.ts';

/** Both ends of a connection that may stay half open. */
async function open() {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const heard: string[] = [];
  peer.on('data', (data) => heard.push(String(data))).on('error', () => {});
  onTestFinished(() => {
    for (const end of [peer, socket]) end.destroy();
    server.close();
  });
  return { peer, socket, heard, clock: new VirtualClock() };
}

test('[LIM-9] a peer that does not hang up hears the answer and is cut off', async () => {
  const { peer, socket, heard, clock } = await open();
  const closed = once(socket, 'close');
  const ended = once(peer, 'end');
  hangUp(socket, 'no', clock);
  await ended;
  expect([heard.join(''), socket.destroyed]).toEqual(['no', false]);
  clock.advance(LINGER_MS);
  await closed;
});

test('what the peer goes on to say is not heard, and does not keep the answer from it', async () => {
  const { peer, socket, heard, clock } = await open();
  peer.write('x'.repeat(1_000_000));
  const ended = once(peer, 'end');
  hangUp(socket, 'too much', clock);
  await ended;
  expect(heard.join('')).toBe('too much');
  clock.advance(LINGER_MS - 1);
  expect(socket.destroyed).toBe(false);
});

test('a peer that hangs up leaves nothing behind', async () => {
  const { peer, socket, clock } = await open();
  const closed = once(socket, 'close');
  hangUp(socket, 'no', clock);
  peer.end();
  await closed;
  expect(clock.untilNext).toBeUndefined();
});
