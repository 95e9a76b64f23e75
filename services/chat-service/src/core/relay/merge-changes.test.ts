import { expect, test } from 'vitest';
import { type ConvChange, mergeChanges } from './merge-changes.ts';

test.each<[string, readonly ConvChange[], readonly ConvChange[]]>([
  ['nothing', [], []],
  ['one change', [{ event: 'changed' }], [{ event: 'changed' }]],
  [
    'what is alike is said once',
    [
      { event: 'added', users: ['ann'] },
      { event: 'changed' },
      { event: 'added', users: ['bob'] },
      { event: 'changed' },
    ],
    [{ event: 'added', users: ['ann', 'bob'] }, { event: 'changed' }],
  ],
  [
    'of coming and going the last holds',
    [
      { event: 'removed', users: ['ann'] },
      { event: 'added', users: ['ann', 'bob'] },
      { event: 'removed', users: ['bob'] },
    ],
    [
      { event: 'removed', users: ['bob'] },
      { event: 'added', users: ['ann'] },
    ],
  ],
  [
    'who came and left again is told as gone',
    [
      { event: 'added', users: ['ann'] },
      { event: 'removed', users: ['ann'] },
    ],
    [{ event: 'removed', users: ['ann'] }],
  ],
  [
    'roles and mutes are named too',
    [
      { event: 'role', users: ['ann'] },
      { event: 'muted', users: ['ann'] },
      { event: 'role', users: ['bob'] },
    ],
    [
      { event: 'role', users: ['ann', 'bob'] },
      { event: 'muted', users: ['ann'] },
    ],
  ],
  [
    'what is deleted needs no other word',
    [{ event: 'added', users: ['ann'] }, { event: 'deleted' }],
    [{ event: 'deleted' }],
  ],
])('%s', (_, changes, merged) => {
  expect(mergeChanges(changes)).toEqual(merged);
});

test('of very many who are concerned none is named', () => {
  const users = (from: number) => Array.from({ length: 60 }, (_, n) => `user ${from + n}`);
  const changes: ConvChange[] = [{ event: 'added', users: users(0) }, { event: 'changed' }];
  expect(mergeChanges(changes)).toEqual(changes);
  expect(mergeChanges([...changes, { event: 'role', users: users(60) }])).toEqual([
    { event: 'changed' },
    { event: 'participants' },
  ]);
});
