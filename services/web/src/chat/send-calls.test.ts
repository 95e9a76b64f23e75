import { ChatError, type Client } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import { SendCalls } from './send-calls.ts';
import type { ChatStore } from './store.ts';

test('[LATER-1] what is to be sent later keeps its mid until that is answered; another message has another', async () => {
  const asked: { readonly mid: string; readonly at: number }[] = [];
  let isAnswered = false;
  const call = (_operation: string, args: { readonly mid: string; readonly at: number }) => {
    asked.push(args);
    return isAnswered ? Promise.resolve({}) : Promise.reject(new ChatError('unavailable'));
  };
  const sends = new SendCalls({ client: { call } as unknown as Client, store: {} as ChatStore });
  const later = (at: number) => sends.later('room', 'On Monday', at, { replyTo: 3 }).catch(() => {});
  await later(1);
  isAnswered = true;
  await later(1);
  await later(1);
  isAnswered = false;
  await later(1);
  await later(2);
  expect(asked[0]).toMatchObject({ cid: 'room', kind: 'text', body: { text: 'On Monday' }, at: 1, replyTo: 3 });
  const mids = asked.map(({ mid }) => mid);
  expect(mids[1]).toBe(mids[0]);
  expect(new Set(mids).size).toBe(4);
});
