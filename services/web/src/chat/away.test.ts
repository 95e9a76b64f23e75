import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { watchAway } from './away.ts';

function watched() {
  const shown: { visibilityState: DocumentVisibilityState } = { visibilityState: 'visible' };
  const page = Object.assign(new EventTarget(), shown);
  const clock = new VirtualClock();
  const told: boolean[] = [];
  const stop = watchAway(page as never, (isAway) => told.push(isAway), clock);
  const show = (state: DocumentVisibilityState) => {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { told, clock, stop, show, input: (name: string) => page.dispatchEvent(new Event(name)) };
}

test('[PRES-1] after five minutes without input nobody is there, and with the next one somebody is', () => {
  const { told, clock, input } = watched();
  clock.advance(299_000);
  for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel']) {
    input(name);
    clock.advance(299_999);
    expect(told).not.toContain(true);
  }
  clock.advance(1);
  expect(told.at(-1)).toBe(true);
  input('keydown');
  expect(told.at(-1)).toBe(false);
});

test('[PRES-1] nobody is there while the page is hidden', () => {
  const { told, clock, show } = watched();
  show('hidden');
  expect(told).toEqual([false, true]);
  clock.advance(600_000);
  expect(told).toEqual([false, true]);
  show('visible');
  expect(told.at(-1)).toBe(false);
});

test('once it has ended nothing is told any more', () => {
  const { told, clock, stop, input } = watched();
  stop();
  input('keydown');
  clock.advance(600_000);
  expect(told).toEqual([false]);
});
