import { expect, test } from 'vitest';
import { JoinTurns } from './join-turns.ts';

test('[LAG-5] joins of one user wait for each other, in however many sessions; others do not', async () => {
  const turns = new JoinTurns();
  const begun: string[] = [];
  const begin = async (user: string) => {
    await turns.begin(user);
    begun.push(user);
  };
  for (let join = 0; join < 1_000; join += 1) void begin('ann');
  await begin('bob');
  expect(begun.filter((user) => user === 'ann')).toHaveLength(128);
  expect(begun.at(-1)).toBe('bob');
  for (let join = 0; join < 1_000; join += 1) {
    turns.end('ann');
    await Promise.resolve();
  }
  turns.end('bob');
  await Promise.resolve();
  expect(begun.filter((user) => user === 'ann')).toHaveLength(1_000);
  expect(turns.size).toBe(0);
});
