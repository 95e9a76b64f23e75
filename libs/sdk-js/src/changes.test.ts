/** A change is done when the server said so. */
import type { ChatError } from '@messagecore/protocol/constants';
import { expect, test } from 'vitest';
import type { FetchLike } from './rest.ts';
import { connected, ROOM, settle } from './test/fake-gateway.ts';

/** A client whose reactions over HTTP are answered like this. */
async function reacting(...answers: (() => Promise<Response>)[]) {
  const asked: string[] = [];
  const fetch: FetchLike = (url, { method = 'GET' } = {}) => {
    asked.push(`${method} ${new URL(url).pathname}`);
    return answers.shift()?.() ?? Promise.reject(new TypeError('no way'));
  };
  const made = await connected({ fetch });
  const stored = made.gateway.post(ROOM, 'a');
  const room = made.client.join(ROOM);
  await room.joined;
  return { ...made, asked, room, stored };
}

const done = () => Promise.resolve(new Response(null, { status: 204 }));
const refused = (code: ChatError['code'], status: number) => () =>
  Promise.resolve(Response.json({ code, detail: '' }, { status }));
const PATH = `/v1/conversations/${ROOM}/messages/1/reactions/%2B1`;

/** What a promise came to, so far. */
function outcomeOf(promise: Promise<unknown>): () => string {
  let outcome = 'open';
  promise.then(
    () => (outcome = 'done'),
    (error: ChatError) => (outcome = error.code),
  );
  return () => outcome;
}

test('the same reaction of somebody else does not stand for the own one', async () => {
  const { asked, gateway, room, stored } = await reacting(refused('too_large', 413));
  const outcome = outcomeOf(room.react(1, '+1'));
  gateway.live.push({ ...stored, t: 'update', rev: 1, reactions: { '+1': 1 } });
  await settle();
  await settle();
  expect([asked, outcome()]).toEqual([[`PUT ${PATH}`], 'too_large']);
});

test('a change that nothing answers is asked for over HTTP', async () => {
  for (const [answer, expected] of [
    [done, 'done'],
    [refused('not_member', 403), 'not_member'],
  ] as const) {
    const { asked, gateway, room } = await reacting(answer);
    const outcome = outcomeOf(room.react(1, '+1', false));
    gateway.clock.advance(11_999);
    await settle();
    expect([asked, outcome()]).toEqual([[], 'open']);
    gateway.clock.advance(1);
    await settle();
    await settle();
    expect([asked, outcome()]).toEqual([[`DELETE ${PATH}`], expected]);
  }
});

test('where neither way answers, silence is no success', async () => {
  const { gateway, room } = await reacting();
  const outcome = outcomeOf(room.react(1, '+1'));
  for (let second = 0; second < 40; second += 1) {
    gateway.live.push({ t: 'pong', at: 0 });
    gateway.clock.advance(1_000);
    await settle();
  }
  expect(outcome()).toBe('unavailable');
  expect(gateway.live.frames('react')).toHaveLength(3);
});

test('where HTTP cannot be reached, what the room shows counts', async () => {
  const { gateway, room, stored } = await reacting();
  const outcome = outcomeOf(room.react(1, '+1'));
  gateway.live.push({ ...stored, t: 'update', rev: 1, reactions: { '+1': 1 } });
  await settle();
  await settle();
  expect(outcome()).toBe('done');
});

test('a reaction named like a part of every object is none until it is there', async () => {
  const { gateway, room, stored } = await reacting();
  const outcome = outcomeOf(room.react(1, 'constructor', false));
  gateway.live.push({ ...stored, t: 'update', rev: 1, reactions: { '+1': 1 } });
  await settle();
  await settle();
  expect(outcome()).toBe('done');
});
