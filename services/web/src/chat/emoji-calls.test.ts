import { expect, test, vi } from 'vitest';
import { NEVER, pageOf } from '../test/fake-client.ts';

test('[REV-16] all pages of the tenant’s emojis are read when the page comes, and after a change', async () => {
  const { client, chat } = await pageOf('room');
  const names = ['a', 'b'];
  client.answer = (operation, { cursor, name }) => {
    if (operation === 'emojis.put') return names.push(String(name));
    if (operation !== 'emojis.list') return NEVER;
    const at = Number(cursor ?? 0);
    const items = names.slice(at, at + 1).map((each) => ({ name: each, image: `https://example.org/${each}` }));
    return { items, next: at + 1 < names.length ? `${at + 1}` : null };
  };
  client.emit('ready');
  const known = () => [...chat.snapshot().emojis.keys()];
  await vi.waitFor(() => expect(known()).toEqual(['a', 'b']));
  await chat.emojis.put({ name: 'c', image: 'https://example.org/c' });
  expect(known()).toEqual(['a', 'b', 'c']);
});

test('[EVT-3] emojis and groups are read anew when they have changed', async () => {
  const { client, chat } = await pageOf('room');
  const asked: string[] = [];
  client.answer = (operation) => {
    asked.push(operation);
    const group = { groupId: 'g', name: 'Crew', members: 1, mine: false };
    const emoji = { name: 'cat', image: 'https://example.org/cat' };
    return { items: [operation === 'emojis.list' ? emoji : group], next: null };
  };
  client.emit('emojis.changed');
  await vi.waitFor(() => expect([...chat.snapshot().emojis.keys()]).toEqual(['cat']));
  expect(asked).toEqual(['emojis.list']);
  client.emit('userGroups.changed');
  await vi.waitFor(() => expect(chat.snapshot().groups).toHaveLength(1));
  expect(asked).toEqual(['emojis.list', 'userGroups.list']);
});

test('[EVT-3] of two readings the later one counts, whichever is answered first', async () => {
  const { client, chat } = await pageOf('room');
  const answers: ((items: readonly object[]) => void)[] = [];
  client.answer = () => new Promise((resolve) => answers.push((items) => resolve({ items, next: null })));
  for (const list of ['emojis', 'userGroups'] as const) {
    client.emit(`${list}.changed`);
    client.emit(`${list}.changed`);
  }
  await vi.waitFor(() => expect(answers).toHaveLength(4));
  const group = (groupId: string) => [{ groupId, name: groupId, members: 0, mine: false }];
  const emoji = (name: string) => [{ name, image: 'https://example.org/x' }];
  for (const [at, items] of [
    [1, emoji('new')],
    [0, emoji('old')],
    [3, group('new')],
    [2, group('old')],
  ] as const) {
    answers[at]?.(items);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  expect([...chat.snapshot().emojis.keys()]).toEqual(['new']);
  expect(chat.snapshot().groups.map(({ groupId }) => groupId)).toEqual(['new']);
});
