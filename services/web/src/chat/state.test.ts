import type { ConversationInfo } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import {
  type ChatState,
  type ConversationState,
  inOrder,
  unreadOf,
  withoutHistory,
  withPositions,
  withQuoted,
  withUpdate,
} from './state.ts';
import { chatState, conversation, INFO, message } from './test/held.ts';
import { EMPTY } from './timeline.ts';

test('[READ-4] unread is what others said, without the service’s own and what was recalled', () => {
  const said = [
    message(1),
    message(2, { kind: 'sys' }),
    message(3, { from: 'me' }),
    message(4, { recalled: true }),
    message(5),
    message(6, { kind: 'sys' }),
  ];
  expect(unreadOf(conversation(0, ...said), 'me')).toBe(2);
  expect(unreadOf(conversation(3, ...said), 'me')).toBe(1);
  expect(unreadOf(conversation(6, ...said), 'me')).toBe(0);
});

test('whoever spoke last has read it all; of what is not loaded the newest message tells', () => {
  expect(unreadOf(conversation(0, message(1), message(2, { from: 'me' })), 'me')).toBe(0);
  const unloaded = { ...conversation(4, message(5, { kind: 'sys' })), timeline: EMPTY };
  expect(unreadOf(unloaded, 'me')).toBe(0);
  expect(unreadOf(conversation(0), 'me')).toBe(0);
});

test('pinned ones come first, then the newest', () => {
  const listed = (cid: string, at: number, pinned: boolean): ConversationState => {
    const settings = {
      silentUntil: null,
      pinned,
      hidden: false,
      favourite: false,
      markedUnread: false,
      level: 'all',
    } as const;
    return { ...conversation(0, message(1, { at })), cid, info: { ...INFO, settings } };
  };
  const all = [listed('old', 1, false), listed('pinned', 2, true), listed('new', 3, false)];
  expect(inOrder(new Map(all.map((each) => [each.cid, each]))).map(({ cid }) => cid)).toEqual(['pinned', 'new', 'old']);
});

test('[SET-5] whoever reads on takes the mark away that the conversation is unread, and nobody else does', () => {
  const settings = { markedUnread: true } as NonNullable<ConversationInfo['settings']>;
  const marked = { ...conversation(3, message(5)), info: { ...INFO, settings } };
  const isMarked = (user: string, pos: number) =>
    withPositions(marked, [[user, pos]], 'me').info.settings?.markedUnread;
  expect([isMarked('me', 3), isMarked('ann', 5), isMarked('me', 5)]).toEqual([true, true, false]);
});

test('a message in its new state stands wherever it is held: newest, excerpt, quoted and last', () => {
  const [older, newer] = [message(2), message(9)];
  const known: ConversationState = {
    ...conversation(0, newer),
    excerpt: { ...EMPTY, messages: [older] },
    quoted: new Map([[2, older]]),
  };
  const changed = withUpdate(known, message(2, { rev: 1, recalled: true }));
  expect([changed.excerpt?.messages[0]?.rev, changed.quoted.get(2)?.rev, changed.last?.rev]).toEqual([1, 1, 0]);
  expect(withUpdate(known, message(9, { rev: 2 })).last?.rev).toBe(2);
  const late = { ...known, quoted: new Map([[2, message(2, { rev: 5 })]]) };
  expect(withUpdate(late, message(2, { rev: 1 })).quoted.get(2)?.rev).toBe(5);
  expect(withQuoted(late.quoted, message(2, { rev: 4 })).get(2)?.rev).toBe(5);
  expect(withQuoted(known.quoted, message(2, { rev: 4 })).get(2)?.rev).toBe(4);
  expect(withUpdate(known, message(4, { rev: 2 }))).toMatchObject({ quoted: known.quoted, last: newer });
});

test('of a history that the server has replaced nothing stays but what is on its way', () => {
  const pending = [{ mid: 'a', kind: 'text', body: {}, at: 1 }];
  const held: ConversationState = {
    ...{ ...conversation(0, message(2)), timeline: { ...EMPTY, messages: [message(2)], pending, loaded: true } },
    ...{ excerpt: EMPTY, quoted: new Map([[1, message(1)]]), deliveredUpTo: 2, aim: { seq: 2 } },
    ...{ newAfter: 1, newCount: 1 },
    reads: new Map([
      ['me', 2],
      ['bob', 1],
    ]),
  };
  const other = { ...conversation(0), cid: 'other' };
  const state: ChatState = {
    ...chatState(held, other),
    ownReactions: new Map([
      ['room 2 👍', true],
      ['other 2 👍', true],
    ]),
    ownVotes: new Map([
      ['room 2', ['a']],
      ['other 2', ['a']],
    ]),
  };
  const { conversations, ownReactions, ownVotes } = { ...state, ...withoutHistory(state, 'room', 1) };
  expect(conversations.get('room')).toMatchObject({
    ...{ timeline: { ...EMPTY, pending }, excerpt: undefined, aim: undefined, deliveredUpTo: 0 },
    ...{ quoted: new Map(), newAfter: Infinity, newCount: 0 },
    reads: new Map([
      ['me', 1],
      ['bob', 1],
    ]),
  });
  expect(conversations.get('other')).toBe(other);
  expect([[...ownReactions.keys()], [...ownVotes.keys()]]).toEqual([['other 2 👍'], ['other 2']]);
});
