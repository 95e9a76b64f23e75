/** Votes, and what the person has voted for: messages tell how many, not who. */
import type { Message } from '@messagecore/protocol';
import type { Client, MessageChanges } from '@messagecore/sdk';
import { votedFor } from './polls.ts';
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

  /** Reads it anew: it may have changed on another device. Never rejects: showing the poll again asks again. */
  async loadOwnVote({ cid, seq }: Place): Promise<void> {
    const known = this.ownVote({ cid, seq });
    const told = await this.#client.call('polls.ownVote', { cid, seq }).catch(() => undefined);
    // What was voted for meanwhile is newer.
    if (told !== undefined && this.ownVote({ cid, seq }) === known) this.#set({ cid, seq }, told.options);
  }

  /**
   * Votes for an option, or takes that back. Shows at once, and not any more when it is refused. Where several may be chosen,
   * those that were on another device stay. Rejects as the calls do.
   */
  async vote(message: Message, option: string, multiple: boolean): Promise<void> {
    const { cid, seq } = message;
    let before = this.ownVote(message) ?? [];
    const on = !before.includes(option);
    this.#set(message, votedFor(before, option, on, multiple));
    try {
      if (multiple) before = (await this.#client.call('polls.ownVote', { cid, seq })).options;
      const options = votedFor(before, option, on, multiple);
      this.#set(message, options);
      await this.#changes.vote(message, options, before);
      // What was read meanwhile may be older.
      this.#set(message, [...options]);
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
