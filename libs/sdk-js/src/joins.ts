import type { Clock, Timer } from '@messagecore/kernel';
import { CLIENT_LIMITS } from '@messagecore/protocol/constants';
import type { Conversation } from './conversation/conversation.ts';
import type { SessionLimits, UpFrame } from './wire.ts';

/** A `resume` counts as one frame for each so many conversations (LIM-1). */
const RESUMED_PER_FRAME = 50;

export interface JoinsOptions {
  readonly clock: Clock;
  /** False, and nothing sent, unless online. */
  readonly transmit: (frame: UpFrame) => boolean;
  /** Takes room for something that counts as so many frames and returns 0, or the milliseconds to wait. */
  readonly take: (frames: number) => number;
  readonly conversation: (cid: string) => Pick<Conversation, 'standing' | 'takeJoin'> | undefined;
}

/** Gathers the joins of one moment, so that they travel together, and sends them as fast as the server allows. */
export class Joins {
  readonly #options: JoinsOptions;
  readonly #due = new Set<string>();
  #timer: Timer | undefined;
  #atOnce = false;
  #online = false;
  #perFrame: number = CLIENT_LIMITS.resumeConversations;

  constructor(options: JoinsOptions) {
    this.#options = options;
  }

  /** Joins at the end of the turn, or within so many milliseconds. Without a connection nothing is kept. */
  request(cid: string, withinMs?: number): void {
    this.#due.add(cid);
    if (withinMs !== undefined) this.#sendIn(withinMs);
    else if (!this.#atOnce) {
      this.#atOnce = true;
      queueMicrotask(() => {
        this.#atOnce = false;
        this.#send();
      });
    }
  }

  online({ resumeConversations }: Pick<SessionLimits, 'resumeConversations'>): void {
    this.#online = true;
    this.#perFrame = resumeConversations;
    this.#send();
  }

  offline(): void {
    this.#online = false;
    this.#due.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sendIn(ms: number): void {
    this.#timer ??= this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, ms);
  }

  /** Conversations with a full position travel together in `resume` frames, the others one by one. */
  #send(): void {
    const { take, transmit } = this.#options;
    if (!this.#online) return this.#due.clear();
    const full = [...this.#due].filter((cid) => this.#isFull(cid));
    for (let at = 0; at < full.length; at += this.#perFrame) {
      const cids = full.slice(at, at + this.#perFrame);
      const waitMs = take(Math.ceil(cids.length / RESUMED_PER_FRAME));
      if (waitMs > 0) return this.#sendIn(waitMs);
      transmit({ t: 'resume', pos: Object.fromEntries(cids.flatMap((cid) => this.#fullPosition(cid))) });
    }
    for (const cid of this.#due) {
      const waitMs = take(1);
      if (waitMs > 0) return this.#sendIn(waitMs);
      const position = this.#take(cid);
      const since = position?.since === undefined ? {} : { since: position.since };
      if (position !== undefined) transmit({ t: 'join', cid, ...since });
    }
  }

  #isFull(cid: string): boolean {
    const { since, rev } = this.#options.conversation(cid)?.standing ?? {};
    return since !== undefined && rev !== undefined;
  }

  #fullPosition(cid: string): [cid: string, pos: [since: number, rev: number, epoch?: number]][] {
    const { since, rev, epoch } = this.#take(cid) ?? {};
    if (since === undefined || rev === undefined) return [];
    return [[cid, epoch === undefined ? [since, rev] : [since, rev, epoch]]];
  }

  #take(cid: string): ReturnType<Conversation['takeJoin']> {
    this.#due.delete(cid);
    return this.#options.conversation(cid)?.takeJoin();
  }
}
