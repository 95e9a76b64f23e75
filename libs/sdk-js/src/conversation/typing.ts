import type { Clock, Timer } from '@messagecore/kernel';
import { CLIENT_LIMITS } from '@messagecore/protocol/constants';

/** `typing` is renewed at most this often; others are told `off` after `CLIENT_LIMITS.typingMs` without renewal. */
const TYPING_EVERY_MS = CLIENT_LIMITS.typingMs / 2;
/** A mark that is not renewed ends by itself: the one who could end it may be gone, or this connection was. */
const MARK_MS = CLIENT_LIMITS.typingMs + 1_000;
/** One device renews at intervals longer than this, so what comes sooner comes from a second one. */
const ONE_DEVICE_MS = TYPING_EVERY_MS * 0.8;

interface Mark {
  readonly end: Timer;
  readonly at: number;
  /** Until when another device of the same user is known to type. */
  readonly secondUntil: number;
}

/** Who is typing in a conversation, as the application was told. Every `on` that is told is followed by an `off`. */
export class TypingMarks {
  readonly #clock: Clock;
  readonly #tell: (user: string, on: boolean) => void;
  readonly #marks = new Map<string, Mark>();

  constructor(clock: Clock, tell: (user: string, on: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The server said that a device of this user types, or no longer does. */
  heard(user: string, on: boolean): void {
    const mark = this.#marks.get(user);
    const now = this.#clock.monotonic();
    if (on) {
      const isSecond = mark !== undefined && now - mark.at < ONE_DEVICE_MS;
      const secondUntil = isSecond ? now + TYPING_EVERY_MS * 2 : (mark?.secondUntil ?? 0);
      this.#set(user, { at: now, secondUntil }, MARK_MS);
      this.#tell(user, true);
      // With two of them typing, one that stops leaves the other, which renews the mark soon.
    } else if (mark !== undefined && mark.secondUntil > now) this.#set(user, { ...mark, secondUntil: 0 }, MARK_MS / 2);
    else this.end(user);
  }

  /** The user types no more, whatever was heard. */
  end(user: string): void {
    const mark = this.#marks.get(user);
    mark?.end.cancel();
    if (this.#marks.delete(user)) this.#tell(user, false);
  }

  endAll(): void {
    for (const user of [...this.#marks.keys()]) this.end(user);
  }

  #set(user: string, mark: Omit<Mark, 'end'>, ms: number): void {
    this.#marks.get(user)?.end.cancel();
    this.#marks.set(user, { ...mark, end: this.#clock.setTimeout(() => this.end(user), ms) });
  }
}

/** Whether this device types, as the others were told. */
export class OwnTyping {
  readonly #clock: Clock;
  /** Tells the others; false when that is not possible now. */
  readonly #tell: (on: boolean) => boolean;
  #toldAt = -Infinity;

  constructor(clock: Clock, tell: (on: boolean) => boolean) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** May be called with every key stroke. */
  set(on: boolean): void {
    const now = this.#clock.monotonic();
    if (on ? now - this.#toldAt < TYPING_EVERY_MS : this.#toldAt === -Infinity) return;
    if (this.#tell(on)) this.#toldAt = on ? now : -Infinity;
  }

  /** The connection is gone, and the mark with it. */
  forget(): void {
    this.#toldAt = -Infinity;
  }
}
