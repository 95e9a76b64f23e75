import { type Clock, systemClock, type Timer } from '@messagecore/kernel';
import type { Off } from '@messagecore/sdk';
import { nextExpiry, withoutExpired } from './expiry.ts';
import type { ChatState, ConversationState } from './state.ts';

const FRAME_MS = 16;

/**
 * Holds the state. Listeners hear of changes at most once a frame, so a burst of messages is one rendering. While there are
 * listeners, messages are hidden when they expire, with or without a connection (EXPR-4).
 */
export class ChatStore {
  readonly #listeners = new Set<() => void>();
  readonly #unsent: () => number;
  readonly #clock: Clock;
  #state: ChatState;
  #announcing = false;
  #expiry: Timer | undefined;

  /** `unsent` tells how many messages wait to be sent. */
  constructor(state: ChatState, unsent: () => number, clock: Clock = systemClock) {
    this.#state = state;
    this.#unsent = unsent;
    this.#clock = clock;
  }

  get state(): ChatState {
    return this.#state;
  }

  get(cid: string): ConversationState | undefined {
    return this.#state.conversations.get(cid);
  }

  subscribe(listener: () => void): Off {
    this.#listeners.add(listener);
    this.#hideExpired();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#expiry?.cancel();
    };
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
    this.#clock.setTimeout(() => {
      this.#announcing = false;
      this.flush();
    }, FRAME_MS);
  }

  /** Listeners hear of what has changed at once: before anything else is shown. */
  flush(): void {
    this.#hideExpired();
    for (const listener of this.#listeners) listener();
  }

  /** Hides what has expired, and sets the timer for what will next. */
  #hideExpired(): void {
    this.#expiry?.cancel();
    if (this.#listeners.size === 0) return;
    const now = this.#clock.now();
    if (nextExpiry(this.#state) <= now) this.#state = withoutExpired(this.#state, now);
    this.#expiry = this.#clock.setTimeout(() => this.flush(), nextExpiry(this.#state) - now);
  }
}
