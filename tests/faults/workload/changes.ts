import type { Random } from '@messagecore/kernel';
import { LIMITS, type UpFrame, type UpFrameOf } from '@messagecore/protocol';

export interface ChangesOptions {
  readonly random: Random;
  /** Whether it left. */
  readonly transmit: (frame: UpFrame) => boolean;
}

export const POLL_OPTIONS = ['a', 'b', 'c'].map((id) => ({ id, text: `option ${id}` }));
const EMOJI = ['👍', '🎉'];
const PREFIX = 'change ';

/** What a client changes at random, with no more calls that wait for their answer than it may have. */
export class Changes {
  readonly #options: ChangesOptions;
  /** Own stored texts, the last of each conversation. */
  readonly #own = new Map<string, number>();
  /** The newest poll of each conversation that it has seen. */
  readonly #polls = new Map<string, number>();
  /** Calls that wait for their answer. */
  readonly #calls = new Set<string>();
  #count = 0;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** Whether a frame that names this answers a change. */
  static isChange(ref: string | undefined): boolean {
    return ref?.startsWith(PREFIX) === true;
  }

  stored(cid: string, seq: number): void {
    this.#own.set(cid, seq);
  }

  sawPoll(cid: string, seq: number): void {
    this.#polls.set(cid, seq);
  }

  answered(ref: string | undefined): void {
    if (ref !== undefined) this.#calls.delete(ref);
  }

  /** With the connection go the answers. */
  disconnected(): void {
    this.#calls.clear();
  }

  /**
   * Edits or recalls its last text, reacts to the newest message that it has seen or pins it, votes in the newest poll, or takes
   * that back.
   */
  change(cid: string, newest: number): void {
    const { random, transmit } = this.#options;
    const seq = this.#own.get(cid);
    if (seq === undefined || newest === 0) return;
    const ref = `${PREFIX}${(this.#count += 1)}`;
    const [kind, on] = [random(), random() < 0.7];
    if (kind < 0.3) transmit({ t: 'edit', cid, seq, body: { text: `edited, ${this.#count}` }, ref });
    else if (kind < 0.5) transmit({ t: 'react', cid, seq: newest, emoji: EMOJI[this.#count % 2] ?? '', on, ref });
    else if (kind < 0.7) this.#call({ op: on ? 'pins.add' : 'pins.remove', cid, ref, args: { seq: newest } });
    else if (kind < 0.9) this.#vote(cid, ref, on);
    else {
      this.#own.delete(cid);
      transmit({ t: 'recall', cid, seq, ref });
    }
  }

  #vote(cid: string, ref: string, on: boolean): void {
    const options = on ? [POLL_OPTIONS[this.#count % POLL_OPTIONS.length]!.id] : [];
    const seq = this.#polls.get(cid);
    if (seq !== undefined) this.#call({ op: 'polls.vote', cid, ref, args: { seq, options } });
  }

  #call(call: Omit<UpFrameOf<'call'>, 't'> & { readonly ref: string }): void {
    if (this.#calls.size >= LIMITS.callsInFlight) return;
    if (this.#options.transmit({ t: 'call', ...call })) this.#calls.add(call.ref);
  }
}
