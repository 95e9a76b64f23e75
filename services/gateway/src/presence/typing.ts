import type { Clock, Timer } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { subjects, type TypingEvent } from '@messagecore/protocol/bus';

export interface Typist {
  readonly tid: string;
  readonly userId: string;
  readonly sid: string;
}

/** A user who types in a conversation, or did a moment ago. */
interface UserState {
  readonly key: string;
  readonly tid: string;
  readonly userId: string;
  readonly cid: string;
  /** Sessions of the user in which somebody types. */
  readonly sids: Set<string>;
  /** The state that was last announced to the conversation, and when. */
  announced: boolean;
  announcedAt: number;
  /** The session that started this typing and so was not sent its announcement; undefined when there is none. */
  unannouncedSid: string | undefined;
}

/** One session that types. */
interface TypingSession {
  readonly state: UserState;
  readonly sid: string;
  readonly until: number;
}

export interface TypingDeps {
  readonly clock: Clock;
  readonly publish: (subject: string, payload: string) => void;
}

/** Renewals within this time are not announced again. */
const QUIET_MS = 2_000;
/** Announcements of one user's typing are at least this far apart. */
const CHANGE_MS = 1_000;
/** Typing sessions at most; further ones are ignored. */
const MAX_TYPING_SESSIONS = 100_000;

/**
 * Who is typing on this gateway. Typing is the user's, over all sessions here: a conversation is told when the first of
 * them begins and, without fail while the gateway lives, when the last one stops: by saying so, by five seconds of silence,
 * or by leaving. It is told of one user at most once a second; what changes meanwhile is told after that, if it still holds.
 * Held in memory alone; a gateway that dies leaves indicators that clients let expire. Each gateway knows its own sessions
 * only: a user with sessions at several may be told of by each of them.
 */
export class Typing {
  readonly #deps: TypingDeps;
  readonly #states = new Map<string, UserState>();
  /** By session and conversation; the one that ends first comes first, as all last equally long. */
  readonly #typing = new Map<string, TypingSession>();
  /** Announced less than `CHANGE_MS` ago; the oldest first. */
  readonly #settling = new Set<UserState>();
  #timer: Timer | undefined;

  constructor(deps: TypingDeps) {
    this.#deps = deps;
  }

  /** Entries in memory. */
  get size(): number {
    return this.#typing.size + this.#states.size;
  }

  set(typist: Typist, cid: string, on: boolean): void {
    if (on) this.#start(typist, cid);
    else this.stop(typist.sid, cid);
  }

  /** The session has stopped typing in the room, for whatever reason. */
  stop(sid: string, cid: string): void {
    const key = keyOf(sid, cid);
    const claim = this.#typing.get(key);
    if (claim === undefined) return;
    this.#typing.delete(key);
    claim.state.sids.delete(sid);
    this.#announceIfDue(claim.state, sid);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #start({ tid, userId, sid }: Typist, cid: string): void {
    const key = keyOf(sid, cid);
    if (this.#typing.size >= MAX_TYPING_SESSIONS && !this.#typing.has(key)) return;
    const state = this.#stateOf(tid, userId, cid);
    state.sids.add(sid);
    this.#typing.delete(key);
    this.#typing.set(key, { state, sid, until: this.#deps.clock.monotonic() + LIMITS.typingMs });
    this.#announceIfDue(state, sid);
    this.#scheduleNext();
  }

  #stateOf(tid: string, userId: string, cid: string): UserState {
    const key = keyOf(userId, cid);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = {
      ...{ key, tid, userId, cid, sids: new Set<string>() },
      ...{ announced: false, announcedAt: Number.NEGATIVE_INFINITY, unannouncedSid: undefined },
    };
    this.#states.set(key, state);
    return state;
  }

  /** Announces the user's state if it changed, unless it was announced a moment ago. */
  #announceIfDue(state: UserState, sid: string): void {
    const isTyping = state.sids.size > 0;
    const sinceMs = this.#deps.clock.monotonic() - state.announcedAt;
    if (sinceMs < CHANGE_MS) return;
    if (isTyping !== state.announced || (isTyping && sinceMs >= QUIET_MS)) this.#announce(state, isTyping, sid);
    else if (!isTyping) this.#states.delete(state.key);
  }

  /** The minimal time since the last announcement is over: announces what has changed meanwhile. */
  #settle(state: UserState): void {
    this.#settling.delete(state);
    const isTyping = state.sids.size > 0;
    const [sid = state.unannouncedSid ?? ''] = state.sids;
    if (isTyping !== state.announced) this.#announce(state, isTyping, sid);
    else if (!isTyping) this.#states.delete(state.key);
  }

  #scheduleNext(): void {
    if (this.#timer !== undefined) return;
    const [claim] = this.#typing.values();
    const [state] = this.#settling;
    const next = Math.min(claim?.until ?? Infinity, state === undefined ? Infinity : state.announcedAt + CHANGE_MS);
    if (next === Infinity) return;
    const wait = Math.max(1, next - this.#deps.clock.monotonic());
    this.#timer = this.#deps.clock.setTimeout(() => this.#expire(), wait);
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#deps.clock.monotonic();
    for (const { state, sid, until } of this.#typing.values()) {
      if (until > now) break;
      this.stop(sid, state.cid);
    }
    for (const state of this.#settling) {
      if (state.announcedAt + CHANGE_MS > now) break;
      this.#settle(state);
    }
    this.#scheduleNext();
  }

  /** `sid` is the session that it comes from; at the end it is the one that was not told of the beginning either. */
  #announce(state: UserState, on: boolean, sid: string): void {
    const { tid, userId, cid } = state;
    if (on) state.unannouncedSid = !state.announced || state.unannouncedSid === sid ? sid : undefined;
    state.announced = on;
    state.announcedAt = this.#deps.clock.monotonic();
    this.#settling.delete(state);
    this.#settling.add(state);
    const event: TypingEvent = { v: 1, cid, userId, on, sid: on ? sid : (state.unannouncedSid ?? '') };
    this.#deps.publish(subjects.conversation(tid, cid, 'typing'), JSON.stringify(event));
    this.#scheduleNext();
  }
}

function keyOf(owner: string, cid: string): string {
  return `${owner} ${cid}`;
}
