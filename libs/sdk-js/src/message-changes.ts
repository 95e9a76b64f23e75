/**
 * Edits, recalls, reactions, pins and votes that show at once. The application keeps messages as the server told them, and shows
 * each through `shown`: with what is under way to it, and without that again when the server refuses.
 */
import type { Client } from './client.ts';
import { Emitter, type Listener, type Off } from './emitter.ts';
import { recalled } from './recalled.ts';
import type { Message, MessageBody } from './wire.ts';

/** A message looks different now. */
export interface MessageChange {
  readonly cid: string;
  readonly seq: number;
  /** Its state after a change that was carried out: keep it in place of the one before, if its `rev` is higher. */
  readonly message?: Message;
}

interface ChangeEvents {
  change: MessageChange;
}

/** Applied twice it is as if applied once: the `update` of a change may come before the answer to it. */
type Applied = (message: Message) => Message;

export class MessageChanges {
  readonly #client: Client;
  readonly #events = new Emitter<ChangeEvents>();
  readonly #underWay = new Map<string, readonly Applied[]>();

  constructor(client: Client) {
    this.#client = client;
  }

  on(name: 'change', listener: Listener<MessageChange>): Off {
    return this.#events.on(name, listener);
  }

  /** The message as it is once all that is under way to it is done; the message itself when nothing is. */
  shown(message: Message): Message {
    return (this.#underWay.get(keyOf(message)) ?? []).reduce((shown, apply) => apply(shown), message);
  }

  /**
   * These resolve with the new state of the message. @throws ChatError when the server refuses: it is as before then. Each is
   * repeated when the connection ends before its answer; `unavailable` after 30 s leaves unknown whether it was carried out.
   */
  edit({ cid, seq }: Message, body: MessageBody): Promise<Message> {
    const applied: Applied = (message) => ({ ...message, body, edited: true });
    return this.#make({ cid, seq }, applied, () => this.#client.call('messages.edit', { cid, seq, body }));
  }

  recall({ cid, seq }: Message): Promise<Message> {
    return this.#make({ cid, seq }, recalled, () => this.#client.call('messages.recall', { cid, seq }));
  }

  react(message: Message, emoji: string, on = true): Promise<Message> {
    const { cid, seq } = message;
    const step = stepTo(this.shown(message).reactions?.[emoji] ?? 0, on ? 1 : -1);
    const applied: Applied = (known) => withCount(known, emoji, step(known.reactions?.[emoji] ?? 0));
    const operation = on ? 'reactions.add' : 'reactions.remove';
    return this.#make(message, applied, () => this.#client.call(operation, { cid, seq, emoji }));
  }

  pin({ cid, seq }: Message, on = true): Promise<Message> {
    const applied: Applied = ({ pinned: _, ...message }) => (on ? { ...message, pinned: true } : message);
    return this.#make({ cid, seq }, applied, () => this.#client.call(on ? 'pins.add' : 'pins.remove', { cid, seq }));
  }

  /** Votes in a poll for these options, in place of those that the user has voted for `before`. */
  vote(message: Message, options: readonly string[], before: readonly string[]): Promise<Message> {
    const { cid, seq } = message;
    const { counts = {}, voters = 0 } = this.shown(message).poll ?? {};
    const steps = [...new Set([...before, ...options])].map((option) => {
      const by = Number(options.includes(option)) - Number(before.includes(option));
      return [option, stepTo(counts[option] ?? 0, by)] as const;
    });
    const step = stepTo(voters, Number(options.length > 0) - Number(before.length > 0));
    const applied: Applied = (known) => {
      const all = { ...known.poll?.counts };
      for (const [option, stepped] of steps) all[option] = stepped(all[option] ?? 0);
      const counts = Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
      return { ...known, poll: { ...known.poll, counts, voters: step(known.poll?.voters ?? 0) } };
    };
    return this.#make(message, applied, () => this.#client.call('polls.vote', { cid, seq, options: [...options] }));
  }

  closePoll({ cid, seq }: Message): Promise<Message> {
    const applied: Applied = ({ poll, ...message }) => ({
      ...message,
      poll: { counts: {}, voters: 0, ...poll, closed: true },
    });
    return this.#make({ cid, seq }, applied, () => this.#client.call('polls.close', { cid, seq }));
  }

  async #make({ cid, seq }: Place, applied: Applied, call: () => Promise<Message>): Promise<Message> {
    const key = keyOf({ cid, seq });
    this.#underWay.set(key, [...(this.#underWay.get(key) ?? []), applied]);
    this.#events.emit('change', { cid, seq });
    let message: Message | undefined;
    try {
      message = await call();
      return message;
    } finally {
      const others = (this.#underWay.get(key) ?? []).filter((each) => each !== applied);
      if (others.length > 0) this.#underWay.set(key, others);
      else this.#underWay.delete(key);
      this.#events.emit('change', { cid, seq, ...(message !== undefined && { message }) });
    }
  }
}

type Place = Pick<Message, 'cid' | 'seq'>;

const keyOf = ({ cid, seq }: Place) => `${cid} ${seq}`;

/** From what is counted now one more, or less: once, however often it is applied to what is counted later. */
function stepTo(now: number, by: number): (count: number) => number {
  if (by === 0) return (count) => count;
  return by > 0 ? (count) => Math.max(count, now + 1) : (count) => Math.min(count, Math.max(0, now - 1));
}

function withCount({ reactions, ...message }: Message, emoji: string, count: number): Message {
  const { [emoji]: _, ...others } = reactions ?? {};
  // A reaction that is there stays in its place.
  const all = count === 0 ? others : { ...reactions, [emoji]: count };
  return Object.keys(all).length === 0 ? message : { ...message, reactions: all };
}
