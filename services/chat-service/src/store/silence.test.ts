import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { breakWhenSilent } from './silence.ts';

function open() {
  const clock = new VirtualClock();
  const socket = {
    bytesRead: 0,
    destroyed: false,
    reason: undefined as unknown,
    write: () => true,
    destroy(error?: Error) {
      socket.destroyed = true;
      socket.reason = error;
    },
  };
  breakWhenSilent(socket as never, 1_000, clock);
  return { clock, socket };
}

test('a connection that nothing was asked of may be silent', () => {
  const { clock, socket } = open();
  clock.advance(60_000);
  expect(socket.destroyed).toBe(false);
});

test('so may one that has answered', () => {
  const { clock, socket } = open();
  socket.write();
  clock.advance(900);
  socket.bytesRead = 10;
  clock.advance(60_000);
  expect(socket.destroyed).toBe(false);
});

test('one that owes an answer is broken after its time, also when more and more is asked', () => {
  const { clock, socket } = open();
  socket.write();
  socket.bytesRead = 10;
  clock.advance(5_000);
  for (let n = 0; n < 9; n += 1) {
    socket.write();
    clock.advance(100);
  }
  expect(socket.destroyed).toBe(false);
  clock.advance(200);
  expect(socket.reason).toMatchObject({ code: 'ETIMEDOUT' });
});
