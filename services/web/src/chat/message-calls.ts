/** What a person does with a message that stands there: each rejects as its call does. */
import type { Message } from '@messagecore/protocol';
import type { Client } from '@messagecore/sdk';
import { ownReaction, withReaction } from './reactions.ts';
import type { ChatStore } from './store.ts';
import { applyUpdate } from './timeline.ts';

export interface MessageDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

export class MessageCalls {
  readonly #client: Client;
  readonly #store: ChatStore;

  constructor({ client, store }: MessageDeps) {
    this.#client = client;
    this.#store = store;
  }

  async edit({ cid, seq, body }: Message, text: string): Promise<void> {
    this.#changed(await this.#client.call('messages.edit', { cid, seq, body: { ...body, text } }));
  }

  async recall({ cid, seq }: Message): Promise<void> {
    this.#changed(await this.#client.call('messages.recall', { cid, seq }));
  }

  /**
   * Adds the person's reaction, or takes it back. Messages tell how many reacted, not who: where the page does not know,
   * adding what is there already changes nothing (REV-8), so that it is taken back then.
   */
  async toggleReaction(message: Message, emoji: string): Promise<void> {
    const { cid, seq } = message;
    const isKnown = ownReaction(this.#store.state.ownReactions, message, emoji);
    const added = isKnown === true ? undefined : await this.#client.call('reactions.add', { cid, seq, emoji });
    const isOn = added !== undefined && (isKnown === false || added.rev !== message.rev);
    this.#changed(isOn ? added : await this.#client.call('reactions.remove', { cid, seq, emoji }));
    const { ownReactions } = this.#store.state;
    this.#store.set({ ownReactions: withReaction(ownReactions, message, emoji, isOn) });
  }

  #changed(message: Message): void {
    this.#store.change(message.cid, ({ timeline }) => ({ timeline: applyUpdate(timeline, message) }));
  }
}
