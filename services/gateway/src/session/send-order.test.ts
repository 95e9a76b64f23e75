import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { SendOrder } from './send-order.ts';

const limited = { error: 'rate_limited', msg: 'too many', retryAfterMs: 400 } as const;

function setUp() {
  const clock = new VirtualClock();
  return { clock, order: new SendOrder(clock) };
}

test('[SEQ-3] what was sent behind a refused one is refused with it, until that one comes again', () => {
  const { order } = setUp();
  const [first, second, third] = [order.nextPlace(), order.nextPlace(), order.nextPlace()];
  order.refused('room', 'second', second, limited);
  expect(order.refusalOf('room', 'first', first)).toBeUndefined();
  expect(order.refusalOf('room', 'third', third)).toMatchObject({ error: 'rate_limited', retryAfterMs: 400 });
  expect(order.refusalOf('another room', 'x', third)).toBeUndefined();
  expect(order.refusalOf('room', 'second', order.nextPlace())).toBeUndefined();
  expect(order.refusalOf('room', 'third', order.nextPlace())).toBeUndefined();
});

test('[SEQ-3] the earliest refusal counts, whichever is heard of first', () => {
  const { order } = setUp();
  const [first, second, third] = [order.nextPlace(), order.nextPlace(), order.nextPlace()];
  order.refused('room', 'third', third, limited);
  order.refused('room', 'first', first, limited);
  expect(order.refusalOf('room', 'second', second)).toBeDefined();
  order.refused('room', 'second', second, limited);
  expect(order.refusalOf('room', 'first', order.nextPlace())).toBeUndefined();
});

test('a refusal holds no longer than it says', () => {
  const { clock, order } = setUp();
  order.refused('room', 'a', order.nextPlace(), limited);
  const later = order.nextPlace();
  clock.advance(399);
  expect(order.refusalOf('room', 'b', later)).toMatchObject({ retryAfterMs: 1 });
  clock.advance(1);
  expect(order.refusalOf('room', 'b', later)).toBeUndefined();
});

test('a refusal for good holds nobody', () => {
  const { order } = setUp();
  order.refused('room', 'a', order.nextPlace(), { error: 'mid_taken', msg: 'taken' });
  expect(order.refusalOf('room', 'b', order.nextPlace())).toBeUndefined();
});

test('[LIM-5] whoever is refused behind another is told to wait for as long as that holds it', () => {
  const { clock, order } = setUp();
  const [first, second] = [order.nextPlace(), order.nextPlace()];
  order.refused('room', 'first', first, { ...limited, retryAfterMs: 5 });
  clock.advance(100);
  const { retryAfterMs } = order.refused('room', 'second', second, { ...limited, retryAfterMs: 9 });
  clock.advance(retryAfterMs! - 1);
  expect(order.refusalOf('room', 'second', order.nextPlace())).toBeDefined();
  clock.advance(1);
  expect(order.refusalOf('room', 'second', order.nextPlace())).toBeUndefined();
});
