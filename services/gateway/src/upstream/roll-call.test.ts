import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Peers } from './peers.ts';
import { RollCall } from './roll-call.ts';

function open(...names: string[]) {
  const clock = new VirtualClock();
  const peers = new Peers(clock);
  for (const name of names) peers.noteAlive(name);
  const gone = new Set<string>();
  const mute = new Set<string>();
  const asked: string[] = [];
  const ask = (name: string): Promise<'gone' | 'there'> => {
    asked.push(name);
    if (mute.has(name)) return new Promise(() => {});
    return Promise.resolve(gone.has(name) ? 'gone' : 'there');
  };
  return { clock, peers, gone, mute, asked, roll: new RollCall(clock, peers, ask) };
}

test('as long as all are there, nobody is gone', async () => {
  const { roll, asked, clock } = open('a', 'b');
  expect(await roll.isSomebodyGone(clock.monotonic())).toBe(false);
  expect(asked.toSorted()).toEqual(['a', 'b']);
});

test('one who is gone is told to all whose requests may have been there, and asked no more', async () => {
  const { roll, asked, clock, gone, peers } = open('a', 'b');
  const before = clock.monotonic();
  gone.add('a');
  clock.advance(60);
  expect(await Promise.all([roll.isSomebodyGone(before), roll.isSomebodyGone(before + 10)])).toEqual([true, true]);
  expect(asked).toHaveLength(2);
  expect(peers.latest(9)).toEqual(['b']);
  expect(await roll.isSomebodyGone(before + 20)).toBe(true);
  expect(asked).toHaveLength(2);
  clock.advance(1);
  expect(await roll.isSomebodyGone(clock.monotonic())).toBe(false);
});

test('one who hangs hides nobody who is gone', async () => {
  const { roll, clock, gone, mute } = open('a', 'b');
  mute.add('a');
  gone.add('b');
  expect(await roll.isSomebodyGone(clock.monotonic())).toBe(true);
});
