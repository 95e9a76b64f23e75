import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Reachability } from './reachability.ts';

function open() {
  const clock = new VirtualClock();
  const way = new Reachability(clock);
  /** Chat-services say once a second that they are there. */
  const works = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      way.noteAlive();
    }
  };
  return { clock, way, works };
}

test('a short interruption changes nothing', () => {
  const { clock, way, works } = open();
  works(10);
  clock.advance(14_000);
  expect([way.interrupted, way.reachable]).toEqual([true, true]);
  works(1);
  expect([way.interrupted, way.reachable]).toEqual([false, true]);
});

test('one that lasts makes the gateway not ready, until the way has worked for a while', () => {
  const { clock, way, works } = open();
  works(10);
  clock.advance(16_000);
  expect(way.reachable).toBe(false);
  works(3);
  expect(way.reachable).toBe(false);
  works(1);
  expect(way.reachable).toBe(true);
});

test('a way that comes and goes is not the way back', () => {
  const { clock, way, works } = open();
  clock.advance(16_000);
  for (let time = 0; time < 5; time += 1) {
    works(2);
    clock.advance(5_000);
    expect(way.reachable).toBe(false);
  }
});

test('an interruption that nobody asked about counts too', () => {
  const { clock, way, works } = open();
  clock.advance(60_000);
  works(2);
  expect(way.reachable).toBe(false);
});

test('a gateway that has just started has the time to hear of somebody', () => {
  const { clock, way } = open();
  expect(way.reachable).toBe(true);
  clock.advance(15_001);
  expect(way.reachable).toBe(false);
});
