import { expect, test } from 'vitest';
import { judgeRoot } from './read-only-root.ts';

const AS_IT_SHOULD_BE = { uid: 1000, app: 'EROFS', root: 'EROFS', tmp: 'written' };

test('a root that takes no writes passes', () => {
  expect(judgeRoot(`${JSON.stringify(AS_IT_SHOULD_BE)}\n`)).toContain('uid 1000');
});

test('a root that an ordinary user alone may not write to, and everything else that is wrong, fails', () => {
  // What podman's containers print without --read-only.
  const wrong = [
    { app: 'EACCES', root: 'EACCES' },
    { app: 'written' },
    { root: 'EACCES' },
    { uid: 0 },
    { tmp: 'EROFS' },
  ];
  for (const found of wrong)
    expect(() => judgeRoot(JSON.stringify({ ...AS_IT_SHOULD_BE, ...found })), JSON.stringify(found)).toThrow(
      'should not',
    );
});
