/** Votes, and what the person has voted for: messages tell how many, not who. */
import type { Message } from '@messagecore/protocol';
import type { Client, MessageChanges } from '@messagecore/sdk';
import type { ChatStore } from './store.ts';

export interface PollDeps {
  readonly client: Client;
  readonly store: ChatStore;
  readonly changes: MessageChanges;
}

type Place = Pick<Message, 'cid' | 'seq'>;

const keyOf = ({ cid, seq }: Place) => `${cid} ${seq}`;

export class PollCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #changes: MessageChanges;

  constructor({ client, store, changes }: PollDeps) {
    this.#client = client;
    this.#store = store;
    this.#changes = changes;
  }

  /** Undefined before it is known. */
  ownVote(place: Place): readonly string[] | undefined {
    return this.#store.state.ownVotes.get(keyOf(place));
  }

  /** Never rejects: showing the poll again asks again. */
  async loadOwnVote({ cid, seq }: Place): Promise<void> {
    if (this.ownVote({ cid, seq }) !== undefined) return;
    const told = await this.#client.call('polls.ownVote', { cid, seq }).catch(() => undefined);
    if (told !== undefined) this.#set({ cid, seq }, told.options);
  }

  /** Shows at once, and is taken back when it is refused. Rejects as the call does. */
  async vote(message: Message, options: readonly string[]): Promise<void> {
    const before = this.ownVote(message) ?? [];
    this.#set(message, options);
    try {
      await this.#changes.vote(message, options, before);
    } catch (error) {
      this.#set(message, before);
      throw error;
    }
  }

  /** Rejects as the call does. */
  async close(message: Message): Promise<void> {
    await this.#changes.closePoll(message);
  }

  #set(place: Place, options: readonly string[]): void {
    this.#store.set({ ownVotes: new Map(this.#store.state.ownVotes).set(keyOf(place), options) });
  }
}
