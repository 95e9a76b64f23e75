import { expect, test } from 'vitest';
import { newsIn, newsOf, newsToShow } from './news.ts';
import { conversation, message } from './test/held.ts';
import { EMPTY } from './timeline.ts';

const reply = { threadRoot: 1 };

test('of what is new those count that the conversation shows, once all of them are held', () => {
  const messages = [
    message(1),
    message(2),
    message(3, reply),
    message(4, { ...reply, showInChannel: true }),
    message(5, { from: 'me' }),
    message(6, { kind: 'sys' }),
    message(7, { recalled: true }),
    message(8, reply),
  ];
  const opened = conversation(1, ...messages);
  const known = { ...opened, ...newsOf({ ...opened, timeline: EMPTY }, 'me') };
  expect([known.newAfter, known.newCount, newsToShow(known, 'me')]).toEqual([1, 7, 0]);
  const loaded = { ...known, timeline: { ...known.timeline, loaded: true } };
  expect([newsToShow(loaded, 'me'), newsIn(messages, 1, 'me').map(({ seq }) => seq)]).toEqual([2, [2, 4]]);
  const part = { ...loaded.timeline, messages: messages.slice(3) };
  expect(newsToShow({ ...loaded, timeline: part }, 'me')).toBe(7);
  const excerpt = { ...EMPTY, loaded: true, messages: messages.slice(0, 2) };
  expect(newsToShow({ ...loaded, timeline: part, excerpt }, 'me')).toBe(7);
});

test('where only replies in threads are new there is nothing to show, in an excerpt neither', () => {
  const messages = [message(1), message(2), message(3, reply), message(4, reply)];
  const loaded = { ...EMPTY, messages, loaded: true };
  const opened = { ...conversation(2, ...messages), timeline: loaded, newAfter: 2, newCount: 2 };
  expect(newsToShow(opened, 'me')).toBe(0);
  const part = { ...loaded, messages: messages.slice(3) };
  expect(newsToShow({ ...opened, timeline: part }, 'me')).toBe(2);
  expect(newsToShow({ ...opened, timeline: part, excerpt: { ...loaded, messages: messages.slice(1, 3) } }, 'me')).toBe(
    0,
  );
});

test('an excerpt from before the new messages says nothing of them', () => {
  const loaded = { ...EMPTY, loaded: true };
  const excerpt = { ...loaded, messages: [message(1), message(2)] };
  const opened = { ...conversation(5, message(9)), timeline: { ...loaded, messages: [message(9)] }, excerpt };
  expect(newsToShow({ ...opened, newAfter: 5, newCount: 4 }, 'me')).toBe(4);
});
