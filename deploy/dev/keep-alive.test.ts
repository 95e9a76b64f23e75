import { Backoff } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { keepAlive, type RestartableServer } from './keep-alive.ts';

/** A server whose deaths and failing starts the test decides. */
function createMortal(failures = 0) {
  let listener = (_reason: string): void => {};
  const happened: string[] = [];
  const mortal: RestartableServer = {
    title: 'gateway-1',
    onCrash: (told) => {
      listener = told;
      return () => void (listener = () => {});
    },
    restart: async () => {
      happened.push('start');
      if (failures-- > 0) throw new Error('port is taken');
    },
    stop: async () => void happened.push('stop'),
  };
  return { mortal, happened, die: (reason: string) => listener(reason) };
}

const atOnce = () => new Backoff({ minMs: 0, maxMs: 0 });

test('what dies is started until it stays, and its return is told', async () => {
  const { mortal, happened, die } = createMortal(2);
  const notes: string[] = [];
  const returned = Promise.withResolvers<void>();
  const stop = keepAlive(mortal, {
    note: (line) => notes.push(line),
    onRestarted: returned.resolve,
    backoff: atOnce(),
  });
  die('SIGKILL');
  await returned.promise;
  expect(happened).toEqual(['start', 'start', 'start']);
  expect(notes).toEqual([
    'gateway-1 ended (SIGKILL); starting it again',
    'port is taken',
    'port is taken',
    'gateway-1 is back',
  ]);
  await stop();
});

test('what has been stopped stays dead', async () => {
  const { mortal, happened, die } = createMortal();
  const stop = keepAlive(mortal, { note: () => {}, backoff: atOnce() });
  await stop();
  die('exit code 1');
  expect(happened).not.toContain('start');
});

test('a stop ends the waiting between two attempts', async () => {
  const { mortal, happened, die } = createMortal();
  const stop = keepAlive(mortal, { note: () => {}, backoff: new Backoff({ minMs: 1e9, maxMs: 1e9 }) });
  die('SIGKILL');
  await stop();
  expect(happened).toEqual(['stop', 'stop']);
});
