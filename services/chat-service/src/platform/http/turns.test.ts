import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('so many begin in a turn, the others in the next ones, in order', () => {
  const turns: (() => void)[] = [];
  const begun: number[] = [];
  const inTurn = createTurns(2, (work) => void turns.push(work));
  const come = (...all: number[]) => all.forEach((at) => inTurn(() => void begun.push(at)));
  come(1, 2, 3, 4, 5);
  expect(begun).toEqual([1, 2]);
  turns.shift()?.();
  expect(begun).toEqual([1, 2, 3, 4]);
  come(6);
  turns.shift()?.();
  expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
  turns.shift()?.();
  expect(turns).toEqual([]);
  come(7);
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
