import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStopSignal } from './stop-signals.ts';

function listening() {
  const from = new EventEmitter();
  const calls: string[] = [];
  let now = 5_000;
  const listener = { stop: (signal: string) => calls.push(signal), force: () => calls.push('force') };
  const release = onStopSignal(listener, from, { monotonic: () => now });
  const signal = (name: string, afterMs: number) => {
    now += afterMs;
    from.emit(name, name);
  };
  return { calls, signal, release };
}

test('one press of Ctrl-C is one stop, however many times it arrives', () => {
  const { calls, signal } = listening();
  for (const afterMs of [0, 1, 3]) signal('SIGINT', afterMs);
  signal('SIGTERM', 20);
  expect(calls).toEqual(['SIGINT']);
});

test('a second press does not wait', () => {
  const { calls, signal } = listening();
  signal('SIGINT', 0);
  signal('SIGINT', 2_000);
  expect(calls).toEqual(['SIGINT', 'force']);
});

test('once let go of, signals are of no concern', () => {
  const { calls, signal, release } = listening();
  release();
  signal('SIGINT', 0);
  expect(calls).toEqual([]);
});
