import type { Clock, Timer } from '@messagecore/kernel';
import { LIMITS, subjects, type TypingEvent } from '@messagecore/protocol';

export interface Typist {
  readonly tid: string;
  readonly userId: string;
  readonly sid: string;
}

interface Active {
  readonly typist: Typist;
  readonly cid: string;
  readonly until: number;
  /** When the others were last told. */
  readonly toldAt: number;
}

export interface TypingDeps {
  readonly clock: Clock;
  readonly publish: (subject: string, payload: string) => void;
}

/** Renewals within this time are not told again. */
const QUIET_MS = 2_000;

/**
 * Who is typing on this gateway. Tells a room when somebody begins and, without fail while the gateway lives, when they
 * stop: by saying so, by five seconds of silence, or by leaving. Held in memory alone; a gateway that dies leaves
 * indicators that clients let expire.
 */
export class Typing {
  readonly #deps: TypingDeps;
  /** By session and conversation; the one that ends first comes first, as all last equally long. */
  readonly #active = new Map<string, Active>();
  #timer: Timer | undefined;

  constructor(deps: TypingDeps) {
    this.#deps = deps;
  }

  set(typist: Typist, cid: string, on: boolean): void {
    if (on) this.#start(typist, cid);
    else this.stop(typist.sid, cid);
  }

  /** The session does not type in the room any more, for whatever reason. */
  stop(sid: string, cid: string): void {
    const key = keyOf(sid, cid);
    const active = this.#active.get(key);
    if (active === undefined) return;
    this.#active.delete(key);
    this.#tell(active.typist, cid, false);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #start({ tid, userId, sid }: Typist, cid: string): void {
    const now = this.#deps.clock.monotonic();
    const key = keyOf(sid, cid);
    const before = this.#active.get(key);
    const isNews = before === undefined || now - before.toldAt >= QUIET_MS;
    const typist = { tid, userId, sid };
    this.#active.delete(key);
    this.#active.set(key, { typist, cid, until: now + LIMITS.typingMs, toldAt: isNews ? now : before.toldAt });
    if (isNews) this.#tell(typist, cid, true);
    this.#await();
  }

  #await(): void {
    if (this.#timer !== undefined) return;
    const [first] = this.#active.values();
    if (first === undefined) return;
    const wait = Math.max(1, first.until - this.#deps.clock.monotonic());
    this.#timer = this.#deps.clock.setTimeout(() => this.#expire(), wait);
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#deps.clock.monotonic();
    for (const { typist, cid, until } of this.#active.values()) {
      if (until > now) break;
      this.stop(typist.sid, cid);
    }
    this.#await();
  }

  #tell({ tid, userId, sid }: Typist, cid: string, on: boolean): void {
    const event: TypingEvent = { v: 1, cid, userId, on, sid };
    this.#deps.publish(subjects.conversation(tid, cid, 'typing'), JSON.stringify(event));
  }
}

function keyOf(sid: string, cid: string): string {
  return `${sid} ${cid}`;
}
