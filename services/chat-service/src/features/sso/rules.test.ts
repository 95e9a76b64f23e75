import type { RoleRule } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { escapeFilter } from './ldap.ts';
import { claimAt, roleOf, textOf } from './rules.ts';

const RULES: RoleRule[] = [
  { claim: 'groups', value: 'admins', role: 'admin' },
  { claim: 'realm_access.roles', value: 'moderator', role: 'moderator' },
  { claim: 'department', value: 'Guests', role: 'guest' },
];

test('the first rule that fits gives the role', () => {
  expect(roleOf(RULES, { groups: ['staff', 'admins'], department: 'Guests' })).toBe('admin');
  expect(roleOf(RULES, { realm_access: { roles: ['moderator'] } })).toBe('moderator');
  expect(roleOf(RULES, { department: 'Guests' })).toBe('guest');
  expect(roleOf(RULES, { groups: 'admins-of-something-else', department: ['guests'] })).toBeUndefined();
});

test('a claim is found by its name, or by the way to it, and nothing is inherited', () => {
  expect(claimAt({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
  expect(claimAt({ a: { b: 2 } }, 'a.b')).toBe(2);
  expect([claimAt({}, 'constructor'), claimAt({ a: 'text' }, 'a.length'), claimAt({ a: null }, 'a.b')]).toEqual(
    Array.from({ length: 3 }),
  );
});

test('the text of a claim is its first one', () => {
  expect([textOf(['Ann', 'B']), textOf(' Ann '), textOf(''), textOf(3), textOf([])]).toEqual([
    ...['Ann', 'Ann'],
    ...Array.from({ length: 3 }),
  ]);
});

test('what means something in a filter of a directory is escaped', () => {
  expect(escapeFilter('a*(b)\\c\0安')).toBe('a\\2a\\28b\\29\\5cc\\00安');
});
