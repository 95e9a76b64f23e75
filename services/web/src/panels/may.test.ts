import { expect, test } from 'vitest';
import { mayAdd, mayDelete, mayGiveRoles, mayGovern, mayPin, mayRename, mayRestrain } from './may.ts';

const KINDS = ['dm', 'group', 'private', 'public'] as const;
const ROLES = ['owner', 'admin', 'member', null] as const;

test.each([
  ['add people', mayAdd, { group: 'oam', private: 'oa', public: 'oam' }],
  ['rename', mayRename, { group: 'oam', private: 'oa', public: 'oa' }],
  ['govern', mayGovern, { group: 'oa', private: 'oa', public: 'oa' }],
  ['give roles', mayGiveRoles, { group: 'o', private: 'o', public: 'o' }],
  ['delete', mayDelete, { group: 'o', private: 'o', public: 'o' }],
] as const)('who is offered to %s', (_, may, expected) => {
  for (const kind of KINDS) {
    const offered = ROLES.filter((myRole) => may({ kind, myRole })).map((role) => role?.charAt(0) ?? '-');
    expect([kind, offered.join('')]).toEqual([kind, { dm: '', ...expected }[kind]]);
  }
});

test('pins are offered to all in a dm or a group, to admins in a channel', () => {
  const offered = KINDS.map((kind) => ROLES.filter((myRole) => mayPin({ kind, myRole })).length);
  expect(offered).toEqual([3, 3, 2, 2]);
});

test('mutes and the like are offered towards those below alone', () => {
  const towards = (myRole: (typeof ROLES)[number]) =>
    (['owner', 'admin', 'member'] as const).filter((role) => mayRestrain({ kind: 'group', myRole }, role));
  expect(ROLES.map(towards)).toEqual([['admin', 'member'], ['member'], [], []]);
  expect(mayRestrain({ kind: 'dm', myRole: 'owner' }, 'member')).toBe(false);
});
