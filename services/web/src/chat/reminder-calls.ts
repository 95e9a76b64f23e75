/** Reminders of the person, on this device and others (RMND-4). */
import { createUlid, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { ChatError, type Client, type Off, type ReminderState } from '@messagecore/sdk';
import { withReminder } from './reminders.ts';
import type { ChatStore } from './store.ts';

/** Of those that are due, so many at most are read: they stand first in the list. */
const DUE_PAGE = 100;

export interface ReminderDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

/** Without a note that is not to be changed, and without a time that is not; null takes the note away. */
export interface ReminderChange {
  readonly at?: number;
  readonly note?: string | null;
}

/** Removed before: the answer to that was lost, or its conversation was deleted. */
const isGone = (error: unknown) => error instanceof ChatError && error.code === 'not_found';

export class ReminderCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #nextId = createUlid({ clock: systemClock });
  /** What was last asked for, until it is answered. */
  #unanswered: { readonly key: string; readonly reminderId: string } | undefined;

  constructor({ client, store }: ReminderDeps) {
    this.#client = client;
    this.#store = store;
  }

  listen(): readonly Off[] {
    return [
      this.#client.on('ready', () => void this.#load()),
      this.#client.on('reminders.changed', ({ data }) => this.#told(data)),
    ];
  }

  /**
   * Reminds of a message at that time. Rejects as the call does; asked for again after that, it is the same reminder, which
   * may be there already (RMND-1).
   */
  async create({ cid, seq }: Pick<Message, 'cid' | 'seq'>, at: number, note: string): Promise<void> {
    const asked = { cid, seq, at, ...(note !== '' && { note }) };
    const key = JSON.stringify(asked);
    if (this.#unanswered?.key !== key) this.#unanswered = { key, reminderId: this.#nextId() };
    this.#told(await this.#client.call('reminders.create', { ...asked, reminderId: this.#unanswered.reminderId }));
    this.#unanswered = undefined;
  }

  /** Rejects as the call does. */
  async update(reminder: ReminderState, change: ReminderChange): Promise<void> {
    const { reminderId } = reminder;
    try {
      this.#told(await this.#client.call('reminders.update', { reminderId, ...change }));
    } catch (error) {
      if (isGone(error)) this.#told({ ...reminder, state: 'removed' });
      throw error;
    }
  }

  /** It is done, or not wanted any more. Rejects as the call does. */
  async remove(reminder: ReminderState): Promise<void> {
    await this.#client.call('reminders.remove', { reminderId: reminder.reminderId }).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
    this.#told({ ...reminder, state: 'removed' });
  }

  /** Never rejects: the next connection asks again. What changes while it is read is read with it. */
  async #load(): Promise<void> {
    const { changes } = this.#store.state.reminders;
    const page = await this.#client.call('reminders.list', { limit: DUE_PAGE }).catch(() => undefined);
    if (page === undefined) return;
    if (this.#store.state.reminders.changes !== changes) return this.#load();
    const due = page.items.filter(({ state }) => state === 'due');
    this.#store.set({ reminders: { due, changes: changes + 1 } });
  }

  #told(told: ReminderState): void {
    this.#store.set({ reminders: withReminder(this.#store.state.reminders, told) });
  }
}
