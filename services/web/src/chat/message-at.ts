import type { Message } from '@messagecore/protocol';
import type { Client } from '@messagecore/sdk';
import { heldIn } from './state.ts';
import type { ChatStore } from './store.ts';

/** One message, held or read from the server; undefined when there is none. Rejects as the call does. */
export async function messageAt(
  { client, store }: { readonly client: Client; readonly store: ChatStore },
  cid: string,
  seq: number,
): Promise<Message | undefined> {
  const conversation = store.get(cid);
  const held = conversation === undefined ? undefined : heldIn(conversation, seq);
  if (held !== undefined) return held;
  const { items } = await client.call('messages.list', { cid, before: seq + 1, limit: 1 });
  return items.find((message) => message.seq === seq);
}
