import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deferred } from '@messagecore/kernel';
import { freePort, startNats, waitUntil } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
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
  expect(text(await bus.request('echo', 'back', { timeoutMs: 20_000 }))).toBe('back');
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
  await expect(bus.request('stopped', '', { timeoutMs: 20_000 })).rejects.toMatchObject({ reason: 'no_responders' });
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

test('a server that hangs is left for another one, also when what is written to it has filled the connection', async () => {
  const { server } = nats;
  const monitorPort = await freePort();
  const other = await startNats({ dataDir: join(tmpdir(), `bus-${randomUUID()}`), log: () => {}, monitorPort });
  onTestFinished(() => other.stop());
  const bus = await connectBus({ url: `${server.url},${other.url}`, name: 'two', log: quiet });
  onTestFinished(() => bus.close());
  const status = watchStatus(bus);
  const answer = await fetch(`http://127.0.0.1:${monitorPort}/connz`);
  const { num_connections } = (await answer.json()) as { readonly num_connections: number };
  const { pid = 0 } = num_connections > 0 ? other : server;
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const full = new Uint8Array(512 * 1024);
  for (let n = 0; n < 64; n += 1) bus.publish('nobody', full);
  await status.until('reconnected');
  expect(await bus.rtt()).toBeGreaterThan(0);
});
