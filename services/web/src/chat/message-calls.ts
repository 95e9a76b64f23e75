/** What a person does with a message that stands there: each rejects as its call does. */
import { createUlid, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import type { Client, MessageChanges } from '@messagecore/sdk';
import { messageAt } from './message-at.ts';
import { ownReaction, withReaction } from './reactions.ts';
import { withQuoted } from './state.ts';
import type { ChatStore } from './store.ts';
import { textBody } from './text-body.ts';

export interface MessageDeps {
  readonly client: Client;
  readonly store: ChatStore;
  readonly changes: MessageChanges;
}

export class MessageCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #changes: MessageChanges;
  readonly #nextMid = createUlid({ clock: systemClock });
  /** The `mid` of each message that is being sent on, by what it is and where it goes. */
  readonly #forwarding = new Map<string, string>();
  /** Quoted messages that are being read. */
  readonly #quoting = new Set<string>();

  constructor({ client, store, changes }: MessageDeps) {
    this.#client = client;
    this.#store = store;
    this.#changes = changes;
  }

  /** One message, wherever it is; undefined when there is none. */
  at(cid: string, seq: number): Promise<Message | undefined> {
    return messageAt({ client: this.#client, store: this.#store }, cid, seq);
  }

  /** A message as it will be once what is under way to it is done. */
  shown(message: Message): Message {
    return this.#changes.shown(message);
  }

  edit(message: Message, text: string): Promise<unknown> {
    const { format: _, ...body } = message.body;
    return this.#changes.edit(message, { ...body, ...textBody(text) });
  }

  recall(message: Message): Promise<unknown> {
    return this.#changes.recall(message);
  }

  /** Sends it on to another conversation: once, when it is asked for again after its answer was lost too (FWD-3). */
  async forward({ cid, seq }: Message, to: string): Promise<void> {
    const key = `${cid} ${seq} ${to}`;
    const mid = this.#forwarding.get(key) ?? this.#nextMid();
    this.#forwarding.set(key, mid);
    await this.#client.call('messages.forward', { cid, seqs: [seq], to, mids: [mid] });
    this.#forwarding.delete(key);
  }

  /** Pins it for all who take part, or unpins it. */
  pin(message: Message, on: boolean): Promise<unknown> {
    return this.#changes.pin(message, on);
  }

  /**
   * Adds the person's reaction, or takes it back. Messages tell how many reacted, not who: where the page does not know,
   * adding what is there already changes nothing (REV-8), so that it is taken back then.
   */
  async toggleReaction(message: Message, emoji: string): Promise<void> {
    const known = ownReaction(this.#store.state.ownReactions, message, emoji);
    this.#setOwn(message, emoji, known !== true);
    try {
      if (known !== true) {
        const { rev } = await this.#changes.react(message, emoji);
        if (known === false || rev !== message.rev) return;
      }
      this.#setOwn(message, emoji, false);
      await this.#changes.react(message, emoji, false);
    } catch (error) {
      this.#setOwn(message, emoji, known);
      throw error;
    }
  }

  /** Reads a message that is quoted by one that is held, once. Never rejects: showing it again asks again. */
  async loadQuoted(cid: string, seq: number): Promise<void> {
    const key = `${cid} ${seq}`;
    if (this.#quoting.has(key)) return;
    this.#quoting.add(key);
    try {
      const message = await this.at(cid, seq);
      this.#store.change(cid, ({ quoted }) => ({
        quoted: message === undefined ? new Map(quoted).set(seq, null) : withQuoted(quoted, message),
      }));
    } catch {
      // Asked again, as promised.
    } finally {
      this.#quoting.delete(key);
    }
  }

  /** Whether a message has come to everybody. Never rejects. */
  async askDelivered(cid: string, seq: number): Promise<void> {
    const state = 'delivered';
    const told = await this.#client.call('messages.receipts', { cid, seq, state, limit: 1 }).catch(() => undefined);
    if (told === undefined || told.of === 0 || told.delivered < told.of) return;
    this.#store.change(cid, ({ deliveredUpTo }) => ({ deliveredUpTo: Math.max(deliveredUpTo, seq) }));
  }

  #setOwn(message: Message, emoji: string, on: boolean | undefined): void {
    this.#store.set({ ownReactions: withReaction(this.#store.state.ownReactions, message, emoji, on) });
  }
}
