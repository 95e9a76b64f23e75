import { systemClock } from '@messagecore/kernel';
import type { Off } from '@messagecore/sdk';
import type { ChatState, ConversationState } from './state.ts';

const FRAME_MS = 16;

/** Holds the state. Listeners hear of changes at most once a frame, so a burst of messages is one rendering. */
export class ChatStore {
  readonly #listeners = new Set<() => void>();
  readonly #unsent: () => number;
  #state: ChatState;
  #announcing = false;

  /** `unsent` tells how many messages wait to be sent. */
  constructor(state: ChatState, unsent: () => number) {
    this.#state = state;
    this.#unsent = unsent;
  }

  get state(): ChatState {
    return this.#state;
  }

  get(cid: string): ConversationState | undefined {
    return this.#state.conversations.get(cid);
  }

  subscribe(listener: () => void): Off {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of a conversation that is not there, nothing changes. */
  change(cid: string, change: (known: ConversationState) => Partial<ConversationState>): void {
    const known = this.get(cid);
    if (known !== undefined) this.put({ ...known, ...change(known) });
  }

  put(conversation: ConversationState): void {
    this.set({ conversations: new Map(this.#state.conversations).set(conversation.cid, conversation) });
  }

  remove(cid: string): void {
    const conversations = new Map(this.#state.conversations);
    conversations.delete(cid);
    const { open, thread } = this.#state;
    this.set({
      conversations,
      open: open === cid ? undefined : open,
      thread: thread?.cid === cid ? undefined : thread,
    });
  }

  set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change, unsent: this.#unsent() };
    if (this.#announcing) return;
    this.#announcing = true;
    systemClock.setTimeout(() => {
      this.#announcing = false;
      this.flush();
    }, FRAME_MS);
  }

  /** Listeners hear of what has changed at once: before anything else is shown. */
  flush(): void {
    for (const listener of this.#listeners) listener();
  }
}
