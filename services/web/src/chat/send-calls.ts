/** What a person sends. */
import { createUlid, systemClock } from '@messagecore/kernel';
import { ChatError, type Client, type MessageBody, type SendOptions } from '@messagecore/sdk';
import type { Expiry } from './lifetime.ts';
import type { ChatStore } from './store.ts';
import { textBody } from './text-body.ts';
import { addPending, type Pending } from './timeline.ts';

export interface SendDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

/** Where a message goes: into a thread, as the answer to another one. */
export type Place = Pick<SendOptions, 'threadRoot' | 'replyTo' | 'showInChannel'>;

/** And how long it is there. */
export type SendWith = Place & Expiry;

export class SendCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #nextMid = createUlid({ clock: systemClock });
  /** What was last asked to be sent later, until it is answered that it will be. */
  #unanswered: { readonly key: string; readonly mid: string } | undefined;

  constructor({ client, store }: SendDeps) {
    this.#client = client;
    this.#store = store;
  }

  text(cid: string, text: string, options: SendWith = {}): void {
    this.#send(cid, { kind: 'text', body: textBody(text) }, options);
  }

  /**
   * Has it sent at that time. Rejects as the call does; asked for again after that, it is the same message, which may wait
   * there already.
   */
  async later(cid: string, text: string, at: number, options: Place = {}): Promise<void> {
    const asked = { cid, kind: 'text', body: textBody(text), at, ...options };
    const key = JSON.stringify(asked);
    if (this.#unanswered?.key !== key) this.#unanswered = { key, mid: this.#nextMid() };
    await this.#client.call('scheduled.create', { ...asked, mid: this.#unanswered.mid });
    this.#unanswered = undefined;
  }

  poll(cid: string, body: MessageBody, options: SendWith = {}): void {
    this.#send(cid, { kind: 'poll', body }, options);
  }

  /** Once more what was refused. */
  again(cid: string, { kind, body, at: _, error: __, ...options }: Pending): void {
    this.#send(cid, { kind, body }, options);
  }

  /** Shows the message at once and sends it, now or when there is a connection again. */
  #send(cid: string, said: Pick<Pending, 'kind' | 'body'>, options: SendWith & Pick<SendOptions, 'mid'>): void {
    const { mid, ...more } = options;
    const pending = { ...said, at: systemClock.now(), ...more };
    const conversation = this.#client.conversation(cid);
    try {
      const sending = conversation.send(said.body, { ...options, kind: said.kind });
      const echo = { ...pending, mid: sending.mid };
      this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, echo) }));
      sending.delivered.catch((error: unknown) => this.#failed(cid, echo, error));
    } catch (error) {
      this.#failed(cid, { ...pending, mid: mid ?? `unsent ${pending.at}` }, error);
    }
    conversation.typing(false);
  }

  #failed(cid: string, pending: Pending, error: unknown): void {
    const why = error instanceof ChatError ? error.message : String(error);
    this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { ...pending, error: why }) }));
  }
}
