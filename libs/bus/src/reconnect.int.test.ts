import { deferred } from '@messagecore/kernel';
import { waitUntil } from '@messagecore/dev-servers';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { connected, quiet, text, useNats, watchStatus } from './test-helpers.ts';

const nats = useNats();

test('a killed server: waiting requests fail at once, nothing is buffered, and all comes back with the server', async () => {
  const { server } = nats;
  const bus = await connected(server);
  const status = watchStatus(bus);
  const got: string[] = [];
  bus.subscribe('news', (payload) => got.push(text(payload)));
  bus.serve('hanging', 'group', () => deferred<string>().promise);
  bus.serve('echo', 'group', async (payload) => payload);
  await bus.flush();

  const hanging = bus.request('hanging', '', { timeoutMs: 600_000 });
  await Promise.all([expect(hanging).rejects.toMatchObject({ reason: 'disconnected' }), server.kill()]);
  expect(bus.connected).toBe(false);
  expect(bus.publish('news', 'lost')).toBe(false);
  await expect(bus.request('echo', '', { timeoutMs: 600_000 })).rejects.toMatchObject({ reason: 'disconnected' });
  await expect(bus.rtt()).rejects.toMatchObject({ reason: 'disconnected' });

  bus.subscribe('news.later', (payload) => got.push(text(payload)));
  await server.restart();
  await status.until('reconnected');
  expect(status.seen).toEqual(['connected', 'disconnected', 'reconnected']);
  bus.publish('news', 'kept');
  bus.publish('news.later', 'subscribed while away');
  expect(text(await bus.request('echo', 'back', { timeoutMs: 10_000 }))).toBe('back');
  await bus.flush();
  expect(got).toEqual(['kept', 'subscribed while away']);
});

test('a subscription ended while away stays ended, and a service stopped while away does not hang', async () => {
  const { server } = nats;
  const bus = await connected(server);
  const status = watchStatus(bus);
  const got: string[] = [];
  const subscription = bus.subscribe('ended', (payload) => got.push(text(payload)));
  const service = bus.serve('stopped', 'group', async () => 'answer');
  await bus.flush();
  await server.kill();
  await status.until('disconnected');
  subscription.unsubscribe();
  const stopped = service.stop();
  await server.restart();
  await status.until('reconnected');
  await stopped;
  bus.publish('ended', 'x');
  await expect(bus.request('stopped', '', { timeoutMs: 10_000 })).rejects.toMatchObject({ reason: 'no_responders' });
  expect(got).toEqual([]);
});

test('a bus that connects before its server is there waits for it', async () => {
  const { server } = nats;
  await server.kill();
  const connecting = connectBus({ url: server.url, name: 'early', log: quiet });
  await server.restart();
  const bus = await connecting;
  expect(bus.connected).toBe(true);
  await bus.close();
});

test('closing while away ends the attempts', async () => {
  const { server } = nats;
  const bus = await connected(server);
  const status = watchStatus(bus);
  await server.kill();
  await status.until('disconnected');
  await bus.drain();
  await server.restart();
  const other = await connected(server);
  await other.flush();
  await waitUntil('a moment in which it would have come back', async () => (await other.rtt()) > 0);
  expect(status.seen).toEqual(['connected', 'disconnected']);
});
