/** What a person sends. */
import { systemClock } from '@messagecore/kernel';
import { ChatError, type Client, type SendOptions } from '@messagecore/sdk';
import type { ChatStore } from './store.ts';
import { addPending, type Pending } from './timeline.ts';

export interface SendDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

/** Where a message goes: into a thread, as the answer to another one. */
export type Place = Pick<SendOptions, 'threadRoot' | 'replyTo'>;

export class SendCalls {
  readonly #client: Client;
  readonly #store: ChatStore;

  constructor({ client, store }: SendDeps) {
    this.#client = client;
    this.#store = store;
  }

  /** Shows the text at once and sends it, now or when there is a connection again. */
  text(cid: string, text: string, { threadRoot, replyTo, mid }: Place & Pick<SendOptions, 'mid'> = {}): void {
    const place = { ...(threadRoot !== undefined && { threadRoot }), ...(replyTo !== undefined && { replyTo }) };
    const pending = { text, at: systemClock.now(), ...place };
    const conversation = this.#client.conversation(cid);
    try {
      const sending = conversation.send({ text }, { ...place, ...(mid !== undefined && { mid }) });
      const echo = { ...pending, mid: sending.mid };
      this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, echo) }));
      sending.delivered.catch((error: unknown) => this.#failed(cid, echo, error));
    } catch (error) {
      this.#failed(cid, { ...pending, mid: mid ?? `unsent ${pending.at}` }, error);
    }
    conversation.typing(false);
  }

  /** Once more what was refused. */
  again(cid: string, { text, at: _, error: __, ...options }: Pending): void {
    this.text(cid, text, options);
  }

  #failed(cid: string, pending: Pending, error: unknown): void {
    const why = error instanceof ChatError ? error.message : String(error);
    this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { ...pending, error: why }) }));
  }
}
