import { ChatError } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import { checkComposition, creatorRole } from './kinds.ts';

function wrongFields(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ChatError && error.code === 'bad_request') return (error.errors ?? []).map((e) => e.path);
    throw error;
  }
}

describe('[CONV-1] kinds', () => {
  test('a dm has exactly two different users and no name', () => {
    expect(wrongFields(() => checkComposition({ kind: 'dm' }, ['a', 'b']))).toEqual([]);
    expect(wrongFields(() => checkComposition({ kind: 'dm' }, ['a']))).toEqual(['participants']);
    expect(wrongFields(() => checkComposition({ kind: 'dm', history: 'since_joining' }, ['a', 'b']))).toEqual([
      'history',
    ]);
    expect(wrongFields(() => checkComposition({ kind: 'dm', name: 'x' }, ['a', 'b', 'c']))).toEqual([
      'participants',
      'name',
    ]);
  });

  test('a group has at least three with its creator', () => {
    expect(wrongFields(() => checkComposition({ kind: 'group' }, ['a', 'b', 'c']))).toEqual([]);
    expect(wrongFields(() => checkComposition({ kind: 'group' }, ['a', 'b']))).toEqual(['participants']);
  });

  test('channels may start with their creator alone', () => {
    expect(wrongFields(() => checkComposition({ kind: 'private', name: 'x' }, ['a']))).toEqual([]);
    expect(wrongFields(() => checkComposition({ kind: 'public' }, ['a']))).toEqual([]);
  });

  test('the creator owns everything but a dm', () => {
    expect(creatorRole('dm')).toBe('member');
    expect(creatorRole('public')).toBe('owner');
  });
});
