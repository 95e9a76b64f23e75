import { VirtualClock } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import type { Waiter } from './bus.ts';
import { ReplyInbox } from './reply-inbox.ts';

function open() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const log = createLogger({ name: 'test', level: 'error', to: { write: (line) => void lines.push(line) } });
  const inbox = new ReplyInbox(clock, log);
  const told: string[] = [];
  const waiting = (name: string, failed: Waiter['failed']) => inbox.open(name, 100, { answered() {}, failed });
  const noting = (name: string) => waiting(name, ({ message }) => told.push(message));
  const throwing = (name: string) =>
    waiting(name, () => {
      throw new Error('a waiter at fault');
    });
  return { clock, lines, inbox, told, noting, throwing };
}

test('a waiter that throws keeps nobody from being told that the connection broke', () => {
  const { lines, inbox, told, noting, throwing } = open();
  noting('first');
  throwing('second');
  noting('third');
  inbox.failAll();
  expect(told).toEqual(['first: the bus is not connected', 'third: the bus is not connected']);
  expect(lines).toHaveLength(1);
});

test('a waiter that throws keeps nobody from being told that the time is over, then or later', () => {
  const { clock, lines, told, noting, throwing } = open();
  throwing('first');
  noting('second');
  clock.advance(200);
  noting('third');
  clock.advance(200);
  expect(told).toEqual(['second: no answer in time', 'third: no answer in time']);
  expect(lines).toHaveLength(1);
});
