/**
 * What a client holds of one conversation, by the rules of SPEC.md for clients and no others: it never looks a second time,
 * so whatever was left out, repeated or came in another order is seen.
 */
import { DEFAULT_RETRY_AFTER_MS, type DownFrame, type DownFrameOf, ERRORS, type Message } from '@messagecore/protocol';
import type { Session } from './session.ts';

/** What an edit or a recall replaced. */
export interface Replaced {
  readonly seq: number;
  readonly rev: number;
  readonly action: 'edit' | 'recall';
  readonly body: Message['body'];
}

export interface ViewOptions {
  readonly name: string;
  readonly cid: string;
  /** It joins before anything is changed, and never leaves. */
  readonly stays?: boolean;
  /** Updates that a client with a fault forgets, by their number. */
  readonly forgets?: ((count: number) => boolean) | undefined;
}

export class View {
  readonly messages = new Map<number, Message>();
  /** What the updates replaced, of messages that were seen before. */
  readonly replaced: Replaced[] = [];
  /** What should not have come like this. */
  readonly violations: string[] = [];
  /** Changes that one who stays was not told of. */
  readonly leftOut: number[] = [];
  readonly #options: ViewOptions;
  #since = 0;
  #rev = 0;
  #joined: DownFrameOf<'joined'> | undefined;
  #updates = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** Where to join from. */
  get position() {
    return { since: this.#since, rev: this.#rev };
  }

  get isJoined(): boolean {
    return this.#joined !== undefined;
  }

  /** It has every message up to there in the state that the conversation has. */
  hasReached(revs: ReadonlyMap<number, number>): boolean {
    for (const [seq, rev] of revs) if (this.messages.get(seq)?.rev !== rev) return false;
    return true;
  }

  receive(frame: DownFrame, session: Session): void {
    if (!('cid' in frame) || frame.cid !== this.#options.cid) return;
    if (frame.t === 'joined') this.#joined = frame;
    if (frame.t === 'message') this.#onMessage(frame);
    if (frame.t === 'update') this.#onUpdate(frame);
    if (frame.t === 'gap') this.#violation(`a gap from ${frame.from} to ${frame.to}, where nothing has expired`);
    if (frame.t === 'error' && frame.ref === undefined) this.#onRefusal(frame, session);
  }

  /** A join that is put off is repeated. */
  #onRefusal({ code, retryAfterMs = DEFAULT_RETRY_AFTER_MS }: DownFrameOf<'error'>, session: Session): void {
    if (ERRORS[code].retry !== 'later') return this.#violation(`refused with ${code}`);
    setTimeout(() => session.send({ t: 'join', cid: this.#options.cid, ...this.position }), retryAfterMs);
  }

  /** What comes from here on belongs to another join. */
  leave(): void {
    this.#joined = undefined;
  }

  #onMessage({ t: _t, ...message }: DownFrameOf<'message'>): void {
    const { seq } = message;
    if (this.#joined === undefined) this.#violation(`message ${seq} outside of a join`);
    if (seq !== this.#since + 1) this.#violation(`message ${seq} after ${this.#since}`);
    this.#since = Math.max(seq, this.#since);
    this.messages.set(seq, message);
  }

  #onUpdate({ t: _t, ...message }: DownFrameOf<'update'>): void {
    const { seq, rev } = message;
    const { rev: replayed = 0 } = this.#joined ?? {};
    if (this.#joined === undefined) this.#violation(`update ${rev} outside of a join`);
    if (rev <= this.#rev) this.#violation(`update ${rev} after ${this.#rev}`);
    // A replay leaves out what was replaced, also by a change that came while it was read. So does a gateway for those who
    // stay when the bus was late (REV-9).
    if (this.#options.stays === true)
      for (let left = Math.max(replayed, this.#rev) + 1; left < rev; left += 1) this.leftOut.push(left);
    this.#rev = Math.max(rev, this.#rev);
    const before = this.messages.get(seq);
    if (before === undefined) return this.#violation(`update ${rev} of message ${seq}, which has not come`);
    if (this.#options.forgets?.((this.#updates += 1)) === true) return;
    if (rev <= before.rev) return;
    this.messages.set(seq, message);
    const { recalled = false, body } = message;
    const { recalled: wasRecalled = false } = before;
    if (recalled !== wasRecalled) this.replaced.push({ seq, rev, action: 'recall', body: before.body });
    else if (JSON.stringify(body) !== JSON.stringify(before.body))
      this.replaced.push({ seq, rev, action: 'edit', body: before.body });
  }

  #violation(what: string): void {
    this.violations.push(`${this.#options.name}: ${what}`);
  }
}
