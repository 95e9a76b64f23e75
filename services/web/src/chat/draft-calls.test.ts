import { expect, test, vi } from 'vitest';
import { NEVER, pageOf } from '../test/fake-client.ts';

test('[DRAFT-1] what is quoted and not begun to be answered stays, and ends as it is told', async () => {
  const { client, chat } = await pageOf('room');
  const kept: Readonly<Record<string, unknown>>[] = [];
  client.answer = (operation, args) => {
    if (operation !== 'drafts.set') return NEVER;
    kept.push(args);
    return { cid: 'room', body: args['body'], replyTo: args['replyTo'] ?? null, version: args['version'] };
  };
  const draft = () => chat.snapshot().drafts.get('room');
  const isKept = (count: number) => vi.waitFor(() => expect(kept).toHaveLength(count), { timeout: 60_000 });
  chat.drafts.quote('room', 3);
  await isKept(1);
  await Promise.resolve();
  expect(draft()).toMatchObject({ text: '', replyTo: 3 });
  chat.drafts.write('room', 'Yes', 3);
  chat.drafts.quote('room', undefined);
  expect(draft()).toMatchObject({ text: 'Yes', replyTo: undefined });
  await isKept(2);
  expect(kept[1]).toMatchObject({ body: { text: 'Yes' } });
  expect(kept[1]).not.toHaveProperty('replyTo');
  const version = (draft()?.version ?? 0) + 1;
  client.emit('conversation.draft', { data: { cid: 'room', body: { text: 'No' }, replyTo: 5, version } });
  expect(draft()).toEqual({ text: 'No', replyTo: 5, version });
});

test('[DRAFT-2] where the draft of another device counts, it is taken over', async () => {
  const { client, chat } = await pageOf('room');
  client.answer = (operation, args) =>
    operation === 'drafts.set'
      ? { cid: 'room', body: { text: 'theirs' }, replyTo: null, version: Number(args['version']) + 1 }
      : NEVER;
  chat.drafts.write('room', 'mine', undefined);
  const text = () => chat.snapshot().drafts.get('room')?.text;
  expect(text()).toBe('mine');
  await vi.waitFor(() => expect(text()).toBe('theirs'), { timeout: 60_000 });
});
