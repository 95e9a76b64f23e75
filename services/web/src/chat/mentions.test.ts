import { describe, expect, test } from 'vitest';
import { begunAt, completions, isMentioned, mentionParts, readable, writtenFor } from './mentions.ts';

const ANN = '00000000-0000-4000-8000-00000000000a';
const WEI = '00000000-0000-4000-8000-00000000000b';
const TEAM = '00000000-0000-4000-8000-00000000000c';
const NAMES: Readonly<Record<string, string>> = { [ANN]: 'Ann (PR)', [WEI]: '王伟', [TEAM]: 'Design' };
const nameOf = (user: string) => NAMES[user] ?? '…';

describe('what mentions somebody in a text', () => {
  test('names of those whom the server says, ids, and the words for everybody', () => {
    const mentions = { users: [ANN, WEI], all: true };
    expect(mentionParts(`@ann (pr), 你好＠王伟，<@${ANN}> @all @alligator`, mentions, nameOf)).toEqual([
      { whom: ANN, text: '@ann (pr)' },
      ', 你好',
      { whom: WEI, text: '＠王伟' },
      '，',
      { whom: ANN, text: '@Ann (PR)' },
      ' ',
      { whom: 'all', text: '@all' },
      ' @alligator',
    ]);
  });

  test('nobody else', () => {
    expect(mentionParts('@王伟 @all', { users: [ANN] }, nameOf)).toEqual(['@王伟 @all']);
    expect(mentionParts('@all', undefined, nameOf)).toEqual(['@all']);
  });

  test('groups, by the names that the message says', () => {
    const mentions = { users: [], groups: [{ id: TEAM, name: '设计组' }] };
    expect(mentionParts(`你好@设计组请看 <&${TEAM}>`, mentions, nameOf)).toEqual([
      '你好',
      { whom: TEAM, text: '@设计组' },
      '请看 ',
      { whom: TEAM, text: '@设计组' },
    ]);
  });

  test('ids in capitals are the same ids', () => {
    const mentions = { users: [ANN], groups: [{ id: TEAM, name: '设计组' }] };
    expect(mentionParts(`<@${ANN.toUpperCase()}><&${TEAM.toUpperCase()}>`, mentions, nameOf)).toEqual([
      { whom: ANN, text: '@Ann (PR)' },
      { whom: TEAM, text: '@设计组' },
    ]);
  });

  test('in a line ids are names', () => {
    expect(readable(`<@${WEI}>在吗`, nameOf)).toBe('@王伟在吗');
    expect(readable(`<&${TEAM}>`, nameOf)).toBe('@Design');
  });
});

test('somebody else’s message mentions one by name or with everybody, unless it was recalled', () => {
  const by = (from: string, mentions: { users: string[]; all?: boolean }, recalled = false) =>
    isMentioned({ from, mentions, recalled }, ANN, []);
  expect([by(WEI, { users: [ANN] }), by(WEI, { users: [], all: true })]).toEqual([true, true]);
  expect([by(WEI, { users: [WEI] }), by(ANN, { users: [], all: true }), by(WEI, { users: [ANN] }, true)]).toEqual(
    Array<boolean>(3).fill(false),
  );
});

test('a group mentions who belongs to it', () => {
  const message = { from: WEI, mentions: { users: [], groups: [{ id: TEAM, name: 'Design' }] } };
  const isIn = (mine: boolean) => isMentioned(message, ANN, [{ groupId: TEAM, mine }]);
  expect([isIn(true), isIn(false), isMentioned(message, ANN, [])]).toEqual([true, false, false]);
});

describe('how a mention is completed', () => {
  test.each([
    ['@', 1, { from: 0, query: '' }],
    ['hi @an', 6, { from: 3, query: 'an' }],
    ['hi @ann lee', 11, { from: 3, query: 'ann lee' }],
    ['你好@王', 4, { from: 2, query: '王' }],
    ['你好＠王', 4, { from: 2, query: '王' }],
    ['a@b', 3, undefined],
    ['@ann\nlee', 8, undefined],
    ['@ann', 0, undefined],
  ])('%s at %i', (text, caret, begun) => {
    expect(begunAt(text, caret)).toEqual(begun);
  });

  const people = ['Ann Lee', 'Lee Ann', 'Zoë', '王伟', 'Ann Lee'].map((name, id) => ({ id: `${id}`, name }));
  test.each([
    ['an', ['Ann Lee', 'Ann Lee', 'Lee Ann']],
    ['LEE', ['Lee Ann', 'Ann Lee', 'Ann Lee']],
    ['zoe', ['Zoë']],
    ['伟', ['王伟']],
    ['e', []],
  ])('%s', (query, names) => {
    expect(completions(query, people, 8).map(({ name }) => name)).toEqual(names);
    expect(completions(query, people, 1)).toHaveLength(Math.min(1, names.length));
  });

  test('by the name, and by the id where it is that of two', () => {
    const written = people.map((person) => writtenFor(person, people));
    expect(written).toEqual(['<@0>', '@Lee Ann', '@Zoë', '@王伟', '<@4>']);
    const all = { id: 'all', name: 'all' };
    const named = { id: '5', name: 'All' };
    expect([all, named].map((each) => writtenFor(each, [all, named]))).toEqual(['@all', '<@5>']);
    const group = { id: '6', name: 'All', isGroup: true } as const;
    expect([writtenFor(group, [group]), writtenFor(group, [named, group])]).toEqual(['@All', '<&6>']);
  });
});
