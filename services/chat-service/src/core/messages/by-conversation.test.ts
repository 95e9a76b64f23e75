import { deferred } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { byConversation } from './by-conversation.ts';

test('outcomes come in the order of the items, each conversation is one group in order', async () => {
  const groups: string[][] = [];
  const items = ['a1', 'b1', 'a2', 'c1', 'b2'].map((name) => ({ tid: 't', cid: name.slice(0, 1), name }));
  const outcomes = await byConversation(items, async (group) => {
    groups.push(group.map(({ name }) => name));
    return group.map(({ name }) => name.toUpperCase());
  });
  expect(outcomes).toEqual(['A1', 'B1', 'A2', 'C1', 'B2']);
  expect(groups.toSorted()).toEqual([['a1', 'a2'], ['b1', 'b2'], ['c1']]);
});

test('only a few groups are under way at once', async () => {
  const release = deferred();
  let underWay = 0;
  let most = 0;
  const items = Array.from({ length: 20 }, (_, n) => ({ tid: 't', cid: String(n) }));
  const outcomes = byConversation(items, async (group) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await release.promise;
    underWay -= 1;
    return group.map(({ cid }) => cid);
  });
  release.resolve();
  expect(await outcomes).toEqual(items.map(({ cid }) => cid));
  expect(most).toBe(4);
});
