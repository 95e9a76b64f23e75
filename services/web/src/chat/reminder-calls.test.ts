import { ChatError } from '@messagecore/sdk';
import { expect, test, vi } from 'vitest';
import { NEVER, pageOf } from '../test/fake-client.ts';

const ABOUT = { cid: 'room', seq: 3 };
const told = (reminderId: string, state: string, at = 1) => ({ reminderId, at, state, note: null, ...ABOUT });

test('[RMND-2] those that are due are there when the page comes, and what changes meanwhile counts', async () => {
  const { client, chat } = await pageOf('room');
  const due = () => chat.snapshot().reminders.due.map(({ reminderId }) => reminderId);
  const answers: ((page: object) => void)[] = [];
  client.answer = (operation) =>
    operation === 'reminders.list' ? new Promise((resolve) => void answers.push(resolve)) : NEVER;
  client.emit('ready');
  const isAsked = (times: number) => vi.waitFor(() => expect(answers).toHaveLength(times));
  await isAsked(1);
  client.emit('reminders.changed', { data: told('b', 'due') });
  expect(due()).toEqual(['b']);
  answers[0]?.({ items: [], next: null });
  await isAsked(2);
  expect(due()).toEqual(['b']);
  answers[1]?.({ items: [told('a', 'due'), told('b', 'due'), told('c', 'waiting', 9)], next: null });
  await vi.waitFor(() => expect(due()).toEqual(['a', 'b']));
  client.emit('reminders.changed', { data: told('a', 'removed') });
  expect(due()).toEqual(['b']);
});

test('[RMND-1] asked for again after its answer was lost, it is the same reminder', async () => {
  const { client, chat } = await pageOf('room');
  const asked: Readonly<Record<string, unknown>>[] = [];
  client.answer = (_operation, args) => {
    asked.push(args);
    if (asked.length === 1) throw new ChatError('unavailable');
    return { ...args, note: null, state: 'waiting' };
  };
  await expect(chat.reminders.create(ABOUT, 9, '')).rejects.toMatchObject({ code: 'unavailable' });
  for (const note of ['', '', 'milk']) await chat.reminders.create(ABOUT, 9, note);
  const ids = asked.map(({ reminderId }) => reminderId);
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(3);
  expect(asked[0]).not.toHaveProperty('note');
  expect(asked[3]).toMatchObject({ ...ABOUT, at: 9, note: 'milk' });
});

test('[RMND-4] what is done or moved here is due no more, before any event', async () => {
  const { client, chat } = await pageOf('room');
  client.emit('reminders.changed', { data: told('a', 'due') });
  client.emit('reminders.changed', { data: told('b', 'due', 2) });
  const [first, second] = chat.snapshot().reminders.due;
  client.answer = (operation) => (operation === 'reminders.update' ? told('b', 'waiting', 9) : undefined);
  if (first !== undefined) await chat.reminders.remove(first);
  if (second !== undefined) await chat.reminders.update(second, { at: 9 });
  expect(chat.snapshot().reminders.due).toEqual([]);
});

test('[RMND-4] one that is gone on the server is due no more here', async () => {
  const { client, chat } = await pageOf('room');
  for (const id of ['a', 'b']) client.emit('reminders.changed', { data: told(id, 'due') });
  const [first, second] = chat.snapshot().reminders.due;
  client.answer = () => {
    throw new ChatError('not_found');
  };
  await chat.reminders.remove(first);
  await expect(chat.reminders.update(second, { at: 9 })).rejects.toMatchObject({ code: 'not_found' });
  expect(chat.snapshot().reminders.due).toEqual([]);
});
