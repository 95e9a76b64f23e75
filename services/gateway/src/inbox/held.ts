import { type DownFrameOf, LIMITS } from '@messagecore/protocol';
import type { InboxSession } from './tenant.ts';

/** Conversations that one session is still to be told of; beyond it the one that has waited longest is forgotten. */
const MOST = 1_000;

type InboxFrame = DownFrameOf<'inbox'>;

/** What sessions that read too slowly are told when they have read: of each conversation the latest. */
export class HeldFrames {
  readonly #held = new Map<InboxSession, Map<string, InboxFrame>>();

  get size(): number {
    return this.#held.size;
  }

  /** True when the frame is held: the session lags, or has not been told yet of what came before. */
  hold(session: InboxSession, frame: InboxFrame): boolean {
    let frames = this.#held.get(session);
    if (frames === undefined && session.sink.buffered <= LIMITS.lagBytes) return false;
    if (frames === undefined) this.#held.set(session, (frames = new Map()));
    frames.set(frame.cid, frame);
    const [oldest] = frames.keys();
    if (frames.size > MOST && oldest !== undefined) frames.delete(oldest);
    return true;
  }

  /** Tells those who have read. To be called often. */
  release(): void {
    for (const [session, frames] of this.#held) {
      if (session.sink.buffered > LIMITS.resumeBytes) continue;
      this.#held.delete(session);
      for (const [cid, frame] of frames) if (session.joins?.has(cid) !== true) session.sink.send(frame);
    }
  }

  /** The user takes part in the conversation no more, or anew. */
  forget(session: InboxSession, cid: string): void {
    this.#held.get(session)?.delete(cid);
  }

  ended(session: InboxSession): void {
    this.#held.delete(session);
  }
}
