/** The page without a server: a client whose answers the test gives. */
import type { Message } from '@messagecore/protocol';
import type { Client, ConversationInfo } from '@messagecore/sdk';
import { Chat } from '../chat/chat.ts';

type Answer = (operation: string, args: Readonly<Record<string, unknown>>) => unknown;

export const NEVER = new Promise<never>(() => {});

export class FakeClient {
  readonly state = { phase: 'online' };
  readonly unsent = 0;
  readonly conversationsListed: ConversationInfo[] = [];
  /** Of whom it was asked to tell presence, the last ones last. */
  readonly watched = new Set<string>();
  /** Read positions that it reported. */
  readonly reads: (readonly [cid: string, pos: number])[] = [];
  /** Answers operations, the history of a conversation as `history`; what it throws is what is refused. */
  answer: Answer = () => NEVER;
  readonly #listeners = new Map<string, Set<(event: never) => void>>();

  on(name: string, listener: (event: never) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(name: string, event: unknown = {}): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(event as never);
  }

  async call(operation: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return await this.answer(operation, args);
  }

  readonly rest = { request: () => NEVER };

  conversation(cid: string) {
    return {
      read: (pos: number) => this.reads.push([cid, pos]),
      typing: () => {},
      history: (place: object) => this.call('history', { cid, ...place }),
    };
  }

  async conversations() {
    return { items: this.conversationsListed, next: null };
  }

  watch(users: readonly string[]): void {
    for (const user of users) {
      this.watched.delete(user);
      this.watched.add(user);
    }
  }

  unwatch(users: readonly string[]): void {
    for (const user of users) this.watched.delete(user);
  }

  join(): void {}
  connect(): void {}
  close(): void {}
}

/** The page of the user `me`, who takes part in conversations with these ids. */
export async function pageOf(...cids: readonly string[]): Promise<{ client: FakeClient; chat: Chat }> {
  const client = new FakeClient();
  client.conversationsListed.push(...cids.map((cid) => conversationInfo(cid)));
  const chat = new Chat(client as unknown as Client, 'me');
  chat.start();
  await chat.refresh();
  return { client, chat };
}

export function messageIn(cid: string, seq: number, more: Partial<Message> = {}): Message {
  return { cid, seq, mid: `${cid} ${seq}`, from: 'ann', at: seq, kind: 'text', body: { text: 'x' }, rev: 0, ...more };
}

export function conversationInfo(cid: string, more: Partial<ConversationInfo> = {}): ConversationInfo {
  return {
    ...{ cid, kind: 'group', name: cid, topic: null, avatar: null, metadata: {}, archived: false, history: 'all' },
    ...{
      posting: 'all',
      slowSeconds: 0,
      openToListeners: false,
      createdBy: 'ann',
      createdAt: 0,
      head: 9,
      rev: 0,
      epoch: 0,
      first: 1,
    },
    ...{ peer: null, mentions: 0, myRole: 'member', readPos: 0, unread: 0, settings: null, lastMessage: null },
    ...more,
  };
}
