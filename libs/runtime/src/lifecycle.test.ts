import { deferred, VirtualClock } from '@messagecore/kernel';
import { expect, test, vi } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

function setUp() {
  const log = { info: vi.fn(), error: vi.fn(), fatal: vi.fn() };
  const clock = new VirtualClock();
  const events: string[] = [];
  const lifecycle = new Lifecycle({ log, clock });
  const part = (name: string) => ({
    name,
    start: () => void events.push(`start ${name}`),
    stop: () => void events.push(`stop ${name}`),
  });
  return { log, clock, events, lifecycle, part };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('starts in order, stops in reverse, once', async () => {
  const { lifecycle, part, events } = setUp();
  lifecycle.add(part('database')).add(part('bus')).add(part('server'));
  await lifecycle.start();
  const [first, second] = await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect([first, second]).toEqual([true, true]);
  expect(events).toEqual(['start database', 'start bus', 'start server', 'stop server', 'stop bus', 'stop database']);
});

test('a start that fails stops what was started and tells why', async () => {
  const { lifecycle, part, events } = setUp();
  const failing = {
    name: 'bus',
    start: () => Promise.reject(new Error('no bus')),
    stop: () => void events.push('never'),
  };
  lifecycle.add(part('database')).add(failing).add(part('server'));
  await expect(lifecycle.start()).rejects.toThrow('no bus');
  expect(events).toEqual(['start database', 'stop database']);
});

test('a part that hangs or fails while stopping is given up after its deadline; the others still stop', async () => {
  const { lifecycle, part, events, clock, log } = setUp();
  lifecycle
    .add(part('database'))
    .add({ name: 'hangs', stop: () => deferred().promise, stopTimeoutMs: 100 })
    .add({ name: 'fails', stop: () => Promise.reject(new Error('no')) });
  await lifecycle.start();
  const stopped = lifecycle.stop();
  await settle();
  expect(events).toEqual(['start database']);
  clock.advance(100);
  expect(await stopped).toBe(false);
  expect(events).toEqual(['start database', 'stop database']);
  expect(log.error.mock.calls.map(([entry]) => (entry as { part: string }).part)).toEqual(['fails', 'hangs']);
});

test('runs until a signal and leaves no listener behind', async () => {
  const { lifecycle, part, events } = setUp();
  const before = process.listenerCount('SIGUSR2');
  const code = lifecycle.add(part('server')).runUntilSignal(['SIGUSR2']);
  await settle();
  expect(events).toEqual(['start server']);
  process.emit('SIGUSR2', 'SIGUSR2');
  expect(await code).toBe(0);
  expect(events).toEqual(['start server', 'stop server']);
  expect(process.listenerCount('SIGUSR2')).toBe(before);
});

test('signals that come together count as one; a later one does not wait for a part that hangs', async () => {
  const { lifecycle, clock } = setUp();
  const hangs = deferred();
  let code: number | undefined;
  const ended = lifecycle
    .add({ name: 'hangs', stop: () => hangs.promise, stopTimeoutMs: 60_000 })
    .runUntilSignal(['SIGUSR2'])
    .then((value) => (code = value));
  await settle();
  process.emit('SIGUSR2', 'SIGUSR2');
  process.emit('SIGUSR2', 'SIGUSR2');
  await settle();
  expect(code).toBeUndefined();
  clock.advance(1_000);
  process.emit('SIGUSR2', 'SIGUSR2');
  await ended;
  expect(code).toBe(1);
});

test('an error that nobody caught stops everything, with code 1', async () => {
  const { lifecycle, part, events, log } = setUp();
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const code = lifecycle.add(part('server')).runUntilSignal([]);
  await settle();
  process.emit('uncaughtException', new Error('bug'));
  for (const other of others) process.on('uncaughtException', other);
  expect(await code).toBe(1);
  expect(events).toEqual(['start server', 'stop server']);
  expect(log.fatal).toHaveBeenCalledTimes(1);
});

test('a signal during the start waits for the part that is starting and stops it too', async () => {
  const { lifecycle, part, events } = setUp();
  const slow = deferred();
  lifecycle
    .add(part('database'))
    .add({ ...part('slow'), start: () => slow.promise })
    .add(part('server'));
  const code = lifecycle.runUntilSignal(['SIGUSR2']);
  await settle();
  process.emit('SIGUSR2', 'SIGUSR2');
  await settle();
  slow.resolve();
  expect(await code).toBe(0);
  expect(events).toEqual(['start database', 'stop slow', 'stop database']);
});

test('a failed start ends with code 1', async () => {
  const { lifecycle } = setUp();
  expect(await lifecycle.add({ name: 'no', start: () => Promise.reject(new Error('no')) }).runUntilSignal([])).toBe(1);
});
