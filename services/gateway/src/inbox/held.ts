import { type DownFrameOf, LIMITS } from '@messagecore/protocol';
import type { InboxSession } from './tenant.ts';

/** Conversations that one session is still to be told of; beyond it the one that has waited longest is forgotten. */
const MOST = 1_000;
/** The same of all sessions together: beyond it the session that has not read for longest loses what it waits for longest. */
const MOST_IN_ALL = 100_000;

type InboxFrame = DownFrameOf<'inbox'>;

/** What sessions that read too slowly are told when they have read: of each conversation the latest. */
export class HeldFrames {
  /** Each with at least one frame; who began to lag first comes first. */
  readonly #held = new Map<InboxSession, Map<string, InboxFrame>>();
  #size = 0;

  /** Frames, of all sessions. */
  get size(): number {
    return this.#size;
  }

  /** True when the frame is held: the session lags, or has not been told yet of what came before. */
  hold(session: InboxSession, frame: InboxFrame): boolean {
    let frames = this.#held.get(session);
    if (frames === undefined && session.sink.buffered <= LIMITS.lagBytes) return false;
    if (frames === undefined) this.#held.set(session, (frames = new Map()));
    if (!frames.has(frame.cid)) this.#size += 1;
    frames.set(frame.cid, frame);
    if (frames.size > MOST) this.#forgetOldest(session, frames);
    for (const [first, its] of this.#held) {
      if (this.#size <= MOST_IN_ALL) break;
      this.#forgetOldest(first, its);
    }
    return true;
  }

  /** Tells those who have read. To be called often. */
  release(): void {
    for (const [session, frames] of this.#held) {
      if (session.sink.buffered > LIMITS.resumeBytes) continue;
      this.ended(session);
      for (const [cid, frame] of frames) if (session.joins?.has(cid) !== true) session.sink.send(frame);
    }
  }

  /** The user takes part in the conversation no more, or anew. */
  forget(session: InboxSession, cid: string): void {
    const frames = this.#held.get(session);
    if (frames?.delete(cid) !== true) return;
    this.#size -= 1;
    if (frames.size === 0) this.#held.delete(session);
  }

  ended(session: InboxSession): void {
    this.#size -= this.#held.get(session)?.size ?? 0;
    this.#held.delete(session);
  }

  #forgetOldest(session: InboxSession, frames: ReadonlyMap<string, InboxFrame>): void {
    const [oldest] = frames.keys();
    if (oldest !== undefined) this.forget(session, oldest);
  }
}
