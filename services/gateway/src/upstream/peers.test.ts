import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Peers } from './peers.ts';

test('as long as everybody answers, nobody is asked by name', () => {
  const peers = new Peers(new VirtualClock());
  peers.noteAlive('a');
  expect(peers.choose()).toBeUndefined();
});

test('after a silence those who were heard of lately are asked in turn, another one than last time first', () => {
  const clock = new VirtualClock();
  const peers = new Peers(clock);
  for (const name of ['a', 'b', 'c']) peers.noteAlive(name);
  peers.noteTimeout();
  expect(new Set([peers.choose(), peers.choose(), peers.choose()])).toEqual(new Set(['a', 'b', 'c']));
  for (let asked = 0; asked < 6; asked += 1) expect(peers.choose('b')).not.toBe('b');
  clock.advance(2_000);
  peers.noteAlive('b');
  clock.advance(2_000);
  expect([peers.choose(), peers.choose('b')]).toEqual(['b', 'b']);
  peers.remove('b');
  expect(peers.choose()).toBeUndefined();
});

test('another one is the one heard of last, and never the one that was asked', () => {
  const clock = new VirtualClock();
  const peers = new Peers(clock);
  expect(peers.another()).toBeUndefined();
  for (const name of ['a', 'b', 'c']) {
    peers.noteAlive(name);
    clock.advance(100);
  }
  expect([peers.another(), peers.another('c'), peers.another('a')]).toEqual(['c', 'b', 'c']);
  peers.remove('b');
  peers.remove('c');
  // Whoever was asked without a name may have been one that is gone.
  expect([peers.another(), peers.another('a')]).toEqual(['a', undefined]);
});

test('after some minutes without a silence anybody is asked again', () => {
  const clock = new VirtualClock();
  const peers = new Peers(clock);
  peers.noteTimeout();
  clock.advance(299_000);
  peers.noteAlive('a');
  expect(peers.choose()).toBe('a');
  clock.advance(1_000);
  expect(peers.choose()).toBeUndefined();
});

test('[LAG-4] the number of names that it remembers is bounded', () => {
  const clock = new VirtualClock();
  const peers = new Peers(clock);
  for (let name = 0; name < 5_000; name += 1) peers.noteAlive(`${name}`);
  peers.noteTimeout();
  const asked = new Set(Array.from({ length: 5_000 }, () => peers.choose()));
  expect(asked.size).toBe(1_000);
  clock.advance(4_000);
  peers.noteAlive('late');
  expect(peers.choose()).toBe('late');
});
