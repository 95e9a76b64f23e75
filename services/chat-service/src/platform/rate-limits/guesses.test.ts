import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Guesses } from './guesses.ts';

test('an address has some guesses, then one now and then; others do not feel it', () => {
  const clock = new VirtualClock();
  const guesses = new Guesses(clock);
  let made = 0;
  while (guesses.waitMs('a') === 0 && made < 100) {
    guesses.wrong('a');
    made += 1;
  }
  expect(made).toBe(11);
  expect(guesses.waitMs('b')).toBe(0);
  for (let minute = 0; minute < 10; minute += 1) {
    clock.advance(guesses.waitMs('a'));
    expect(guesses.waitMs('a')).toBe(0);
    guesses.wrong('a');
    guesses.wrong('a');
    expect(guesses.waitMs('a')).toBeGreaterThan(0);
  }
});
