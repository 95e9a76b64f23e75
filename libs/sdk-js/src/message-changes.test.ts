/** Changes that show before the server has answered. */
import type { UpFrameOf } from '@messagecore/protocol';
import { expect, test, vi } from 'vitest';
import { MessageChanges } from './message-changes.ts';
import { breakConnection, connected, ROOM, YOU } from './test/fake-gateway.ts';
import type { Message } from './wire.ts';

const MESSAGE: Message = { cid: ROOM, seq: 3, mid: 'm3', from: YOU, at: 1, kind: 'text', body: { text: 'hi' }, rev: 0 };

/** A server that answers when it is told to, and an application that keeps what it is told. */
async function changing(kept: Message = MESSAGE) {
  const { client, gateway } = await connected();
  const calls: UpFrameOf<'call'>[] = [];
  gateway.instead = (_, frame) => frame.t === 'call' && calls.push(frame) > 0;
  const changes = new MessageChanges(client);
  const views: Message[] = [];
  const application = { kept };
  changes.on('change', ({ message }) => {
    if (message !== undefined && message.rev > application.kept.rev) application.kept = message;
    views.push(changes.shown(application.kept));
  });
  /** The n-th call is answered by the message with this. */
  async function answer(index: number, change: Partial<Message> | 'refused'): Promise<void> {
    await vi.waitUntil(() => calls.length > index, { timeout: 30_000, interval: 1 });
    const ref = calls[index]?.ref ?? '';
    if (change === 'refused') gateway.live.push({ t: 'error', code: 'forbidden', msg: 'no', ref });
    else gateway.live.push({ t: 'result', ref, cid: ROOM, data: { ...MESSAGE, ...change } });
  }
  return { gateway, calls, changes, application, views, answer, shown: () => changes.shown(application.kept) };
}

test('an edit, a recall, a reaction and a pin show at once, and as the server has them when it has answered', async () => {
  const previewed: Message = { ...MESSAGE, mentions: { users: [YOU] }, previews: [{ url: 'https://a', title: 'a' }] };
  const { changes, answer, shown } = await changing(previewed);
  const cases = [
    [() => changes.edit(MESSAGE, { text: 'ho' }), { body: { text: 'ho' }, edited: true }],
    [() => changes.react(MESSAGE, '👍'), { reactions: { '👍': 1 } }],
    [() => changes.pin(MESSAGE), { pinned: true }],
    [() => changes.recall(MESSAGE), { body: {}, recalled: true }],
  ] as const;
  for (const [index, [make, state]] of cases.entries()) {
    const made = make();
    expect(shown()).toMatchObject(state);
    await answer(index, { ...state, rev: index + 1 });
    if ('recalled' in state) expect([shown().mentions, shown().previews]).toEqual([undefined, undefined]);
    expect(await made).toMatchObject({ ...state, rev: index + 1 });
    expect(shown()).toEqual({ ...MESSAGE, ...state, rev: index + 1 });
  }
});

test('an edit whose answer was lost is made again', async () => {
  const { changes, calls, gateway } = await changing();
  const edited = changes.edit(MESSAGE, { text: 'ho' });
  await vi.waitUntil(() => calls.length === 1, { timeout: 30_000, interval: 1 });
  await breakConnection(gateway);
  const ref = await vi.waitUntil(() => calls[1]?.ref, { timeout: 30_000, interval: 1 });
  gateway.live.push({ t: 'result', ref, cid: ROOM, data: { ...MESSAGE, body: { text: 'ho' }, edited: true, rev: 1 } });
  expect(await edited).toMatchObject({ rev: 1 });
});

test('a vote takes the place of the one before, and counts once; a poll that is closed says so at once', async () => {
  const { changes, answer, shown } = await changing({ ...MESSAGE, poll: { counts: { a: 1, b: 1 }, voters: 2 } });
  const moved = changes.vote(shown(), ['b'], ['a']);
  expect(shown().poll).toEqual({ counts: { b: 2 }, voters: 2 });
  await answer(0, { poll: { counts: { b: 2 }, voters: 2 }, rev: 1 });
  await moved;
  const withdrawn = changes.vote(shown(), [], ['b']);
  expect(shown().poll).toEqual({ counts: { b: 1 }, voters: 1 });
  await answer(1, 'refused');
  await expect(withdrawn).rejects.toMatchObject({ code: 'forbidden' });
  expect(shown().poll).toEqual({ counts: { b: 2 }, voters: 2 });
  const closed = changes.closePoll(shown());
  expect(shown().poll).toEqual({ counts: { b: 2 }, voters: 2, closed: true });
  await answer(2, { poll: { counts: { b: 2 }, voters: 2, closed: true }, rev: 2 });
  await closed;
});

test('what is refused shows no more, and what else is under way still does', async () => {
  const { changes, answer, shown, views } = await changing({ ...MESSAGE, reactions: { '👍': 2 }, pinned: true });
  const edit = changes.edit(MESSAGE, { text: 'ho' });
  const pin = changes.pin(MESSAGE, false);
  expect(shown()).toMatchObject({ body: { text: 'ho' }, edited: true });
  expect(shown().pinned).toBeUndefined();
  await answer(0, 'refused');
  await expect(edit).rejects.toMatchObject({ code: 'forbidden' });
  expect(shown()).toEqual({ ...MESSAGE, reactions: { '👍': 2 } });
  await answer(1, 'refused');
  await expect(pin).rejects.toMatchObject({ code: 'forbidden' });
  expect(shown()).toEqual({ ...MESSAGE, reactions: { '👍': 2 }, pinned: true });
  expect(views).toHaveLength(4);
});

test('a reaction counts once, when its update comes before its answer too, and the last one that goes takes its place along', async () => {
  const { changes, application, answer, shown } = await changing({ ...MESSAGE, reactions: { '👍': 1, '🎉': 1 } });
  const added = changes.react(application.kept, '👍');
  expect(shown().reactions).toEqual({ '👍': 2, '🎉': 1 });
  application.kept = { ...MESSAGE, reactions: { '👍': 2, '🎉': 1 }, rev: 1 };
  expect(shown().reactions).toEqual({ '👍': 2, '🎉': 1 });
  await answer(0, { reactions: { '👍': 2, '🎉': 1 }, rev: 1 });
  await added;
  const removed = changes.react(application.kept, '🎉', false);
  expect(shown().reactions).toEqual({ '👍': 2 });
  const again = changes.react(application.kept, '👍', false);
  expect(shown().reactions).toEqual({ '👍': 1 });
  await answer(1, { reactions: { '👍': 2 }, rev: 2 });
  await answer(2, { reactions: { '👍': 1 }, rev: 3 });
  await Promise.all([removed, again]);
  expect(shown()).toBe(application.kept);
});
