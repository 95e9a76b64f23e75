import { deferred } from '@messagecore/kernel';
import { waitUntil } from '@messagecore/dev-servers';
import { ChatError } from '@messagecore/protocol';
import { expect, test, vi } from 'vitest';
import { connectBus } from './connect.ts';
import { connected, quiet, text, useNats, watchStatus } from './test-helpers.ts';

const nats = useNats();

test('a subscriber gets what is published, in order, with subject and headers', async () => {
  const [sender, receiver] = [await connected(nats.server), await connected(nats.server)];
  const got: string[] = [];
  receiver.subscribe('order.*', (payload, subject, header) =>
    got.push(`${subject} ${text(payload)} ${header('traceparent')} ${header('other')}`),
  );
  await receiver.flush();
  for (let count = 0; count < 1_000; count += 1)
    expect(sender.publish('order.a', `é${count}`, { headers: { traceparent: `00-${count}` } })).toBe(true);
  await waitUntil('all messages', () => got.length === 1_000);
  expect(got).toEqual(Array.from({ length: 1_000 }, (_, count) => `order.a é${count} 00-${count} undefined`));
});

test('after unsubscribe nothing comes any more', async () => {
  const bus = await connected(nats.server);
  const got: string[] = [];
  const subscription = bus.subscribe('unsubscribed', (payload) => got.push(text(payload)));
  bus.publish('unsubscribed', 'one');
  await bus.flush();
  subscription.unsubscribe();
  bus.publish('unsubscribed', 'two');
  await bus.flush();
  expect(got).toEqual(['one']);
});

test('a handler that throws is logged and keeps nothing from coming', async () => {
  const log = Object.assign(Object.create(quiet) as typeof quiet, { error: vi.fn() });
  const bus = await connected(nats.server, log);
  const got: string[] = [];
  bus.subscribe('throwing', (payload) => {
    if (text(payload) === 'bad') throw new Error('no');
    got.push(text(payload));
  });
  for (const payload of ['a', 'bad', 'b']) bus.publish('throwing', payload);
  await bus.flush();
  expect(got).toEqual(['a', 'b']);
  expect(log.error).toHaveBeenCalledTimes(1);
});

test('a request is answered by the service, which can read its headers', async () => {
  const bus = await connected(nats.server);
  bus.serve('echo', 'group', async (payload, header) => `${text(payload)} ${header('traceparent')}`);
  const answer = await bus.request('echo', 'hello', { timeoutMs: 20_000, headers: { traceparent: '00-1' } });
  expect(text(answer)).toBe('hello 00-1');
  expect(text(await bus.request('echo', '', { timeoutMs: 20_000 }))).toBe(' undefined');
});

test('a request that nobody serves fails at once', async () => {
  const bus = await connected(nats.server);
  // The time-out is longer than the test may take.
  await expect(bus.request('nobody', '', { timeoutMs: 600_000 })).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'no_responders',
    message: 'nobody: nobody answers',
  });
});

test('a request without an answer fails after its time-out, and a late answer is dropped', async () => {
  const bus = await connected(nats.server);
  const release = deferred();
  const service = bus.serve('slow', 'group', async () => {
    await release.promise;
    return 'late';
  });
  const slow = bus.request('slow', '', { timeoutMs: 50 });
  await expect(slow).rejects.toMatchObject({ code: 'unavailable', reason: 'timeout' });
  release.resolve();
  await service.stop();
  await bus.flush();
});

test('services of one queue group share the requests; each goes to one of them', async () => {
  const buses = await Promise.all([connected(nats.server), connected(nats.server), connected(nats.server)]);
  const counts = buses.map(() => 0);
  for (const [index, bus] of buses.entries()) {
    bus.serve('shared', 'group', async () => String((counts[index]! += 1)));
    await bus.flush();
  }
  await Promise.all(Array.from({ length: 300 }, () => buses[0].request('shared', '', { timeoutMs: 20_000 })));
  expect(counts.reduce((sum, count) => sum + count)).toBe(300);
  for (const count of counts) expect(count).toBeGreaterThan(0);
});

test('handlers run concurrently, up to the bound; above it the answer is `unavailable`', async () => {
  const bus = await connected(nats.server);
  const release = deferred();
  let running = 0;
  const handler = async () => {
    running += 1;
    await release.promise;
    return 'done';
  };
  bus.serve('bounded', 'group', handler, { maxConcurrent: 2 });
  const first = [bus.request('bounded', '', { timeoutMs: 60_000 }), bus.request('bounded', '', { timeoutMs: 60_000 })];
  await waitUntil('both to run', () => running === 2);
  await expect(bus.request('bounded', '', { timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'unavailable' });
  release.resolve();
  expect((await Promise.all(first)).map(text)).toEqual(['done', 'done']);
});

test('an error of the catalogue reaches the requester; any other becomes `internal` and is told to nobody', async () => {
  const bus = await connected(nats.server);
  bus.serve('failing', 'group', async (payload) => {
    if (text(payload) === 'known') throw new ChatError('rate_limited', 'zu schnell: é', { retryAfterMs: 1_234 });
    throw new Error('password is 1234');
  });
  await expect(bus.request('failing', 'known', { timeoutMs: 20_000 })).rejects.toMatchObject({
    code: 'rate_limited',
    message: 'zu schnell: é',
    retryAfterMs: 1_234,
  });
  const unknown = bus.request('failing', 'unknown', { timeoutMs: 20_000 });
  await expect(unknown).rejects.toMatchObject({ code: 'internal', message: expect.not.stringContaining('1234') });
});

test('a payload that the server would refuse is `too_large`, as a message, as a request and as an answer', async () => {
  const bus = await connected(nats.server);
  const huge = new Uint8Array(9 * 1024 * 1024);
  bus.serve('huge', 'group', async () => huge);
  expect(() => bus.publish('huge', huge)).toThrow(expect.objectContaining({ code: 'too_large' }));
  await expect(bus.request('huge', huge, { timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'too_large' });
  await expect(bus.request('huge', '', { timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'too_large' });
});

test('stop answers what was taken and takes no more', async () => {
  const bus = await connected(nats.server);
  const release = deferred();
  let taken = 0;
  const service = bus.serve('stopping', 'group', async () => {
    taken += 1;
    await release.promise;
    return 'answered';
  });
  const requests = Array.from({ length: 5 }, () => bus.request('stopping', '', { timeoutMs: 60_000 }));
  const stopped = service.stop();
  await waitUntil('the requests on their way', () => taken === 5);
  release.resolve();
  await stopped;
  expect((await Promise.all(requests)).map(text)).toEqual(Array.from({ length: 5 }, () => 'answered'));
  await expect(bus.request('stopping', '', { timeoutMs: 20_000 })).rejects.toMatchObject({ reason: 'no_responders' });
});

test('drain answers what was taken, then closes', async () => {
  const [server, client] = [await connected(nats.server), await connected(nats.server)];
  const release = deferred();
  let taken = false;
  server.serve('draining', 'group', async () => {
    taken = true;
    await release.promise;
    return 'answered';
  });
  await server.flush();
  const answer = client.request('draining', '', { timeoutMs: 60_000 });
  await waitUntil('the request', () => taken);
  const drained = server.drain();
  release.resolve();
  await drained;
  expect(text(await answer)).toBe('answered');
  expect(server.connected).toBe(false);
  expect(server.publish('draining', '')).toBe(false);
});

test('close fails what waits for an answer', async () => {
  const bus = await connected(nats.server);
  bus.serve('closing', 'group', () => deferred<string>().promise);
  const answer = bus.request('closing', '', { timeoutMs: 60_000 });
  await Promise.all([expect(answer).rejects.toMatchObject({ reason: 'disconnected' }), bus.close()]);
  await expect(bus.flush()).rejects.toMatchObject({ reason: 'disconnected' });
});

test('the state is told at once, and the time to the server and back is measured', async () => {
  const bus = await connected(nats.server);
  expect(watchStatus(bus).seen).toEqual(['connected']);
  expect(await bus.rtt()).toBeGreaterThan(0);
});

test('connecting to nothing is given up after the time allowed', async () => {
  const nothing = connectBus({ url: 'nats://127.0.0.1:1', name: 'test', log: quiet, connectTimeoutMs: 200 });
  await expect(nothing).rejects.toMatchObject({ code: 'unavailable', reason: 'disconnected' });
});

test('a sender that outruns the server is bounded, and goes on when the server has caught up', async () => {
  const bus = await connected(nats.server);
  const megabyte = new Uint8Array(1024 * 1024);
  let sent = 0;
  while (bus.publish('flood', megabyte)) sent += 1;
  expect(sent).toBe(64);
  await bus.flush();
  await waitUntil('room', () => bus.publish('flood', megabyte));
});
