import { expect, test } from 'vitest';
import { messageIn, NEVER, pageOf } from '../test/fake-client.ts';

/** Messages 1 to 200, each said at the time of its `seq`. */
const SAID = Array.from({ length: 200 }, (_, index) => messageIn('room', index + 1));

test('a date leads to the first message from then on, far back too; after the last one to the newest', async () => {
  const { client, chat } = await pageOf('room');
  client.answer = (operation, { at, around, limit }) => {
    if (operation !== 'history') return NEVER;
    const first = typeof around === 'number' ? around - 25 : typeof at === 'number' ? at : 151;
    const items = SAID.slice(first - 1).slice(0, limit as number);
    return { items, head: 200, first: 1 };
  };
  chat.open('room');
  await chat.history.showTime('room', 40);
  const room = () => chat.snapshot().conversations.get('room');
  expect(room()?.aim).toEqual({ seq: 40 });
  expect(room()?.excerpt?.messages[0]?.seq).toBe(15);
  await chat.history.showTime('room', 201);
  expect(room()?.excerpt).toBeUndefined();
});
