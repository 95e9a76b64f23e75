import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { SilenceWatch } from './silence.ts';

function open(clock = new VirtualClock(), silence = new SilenceWatch(clock)) {
  const socket = {
    bytesRead: 0,
    destroyed: false,
    isWaiting: false,
    reason: undefined as unknown,
    write: () => true,
    destroy(error?: Error) {
      socket.destroyed = true;
      socket.reason = error;
    },
  };
  silence.watch({ socket: socket as never, isWaiting: () => socket.isWaiting }, 1_000);
  return { clock, silence, socket };
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

test('one that has answered one of two requests is broken after its time, counted from that answer', () => {
  const { clock, socket } = open();
  socket.write();
  socket.write();
  socket.isWaiting = true;
  clock.advance(850);
  socket.bytesRead = 10;
  clock.advance(1_000);
  expect(socket.destroyed).toBe(false);
  clock.advance(200);
  expect(socket.reason).toMatchObject({ code: 'ETIMEDOUT' });
});

test('one whose answer keeps coming lives', () => {
  const { clock, socket } = open();
  socket.write();
  socket.isWaiting = true;
  for (let n = 0; n < 10; n += 1) {
    clock.advance(900);
    socket.bytesRead += 10;
  }
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

test('with one that is dead go all over which nothing came since, and those alone', () => {
  const { clock, silence, socket: dead } = open();
  const [idle, asked, lively] = [open(clock, silence), open(clock, silence), open(clock, silence)].map(
    ({ socket }) => socket,
  );
  clock.advance(5_000);
  dead.write();
  clock.advance(400);
  asked!.write();
  lively!.write();
  clock.advance(200);
  lively!.bytesRead = 10;
  const { socket: fresh } = open(clock, silence);
  clock.advance(300);
  expect([dead, idle!, asked!].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  clock.advance(200);
  expect([dead, idle!, asked!].map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  expect([lively!, fresh].map(({ destroyed }) => destroyed)).toEqual([false, false]);
  clock.advance(60_000);
  expect([lively!, fresh].map(({ destroyed }) => destroyed)).toEqual([false, false]);
});
