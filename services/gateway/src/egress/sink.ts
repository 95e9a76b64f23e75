import { LIMITS, type CloseCode, type DownFrame } from '@messagecore/protocol';
import type { Frames } from './block.ts';

/**
 * Buffered bytes at which a session is closed. Room frames stop at `LIMITS.lagBytes` already, so only a peer that goes
 * on sending requests and never reads reaches it.
 */
export const CUT_BYTES = 2 * LIMITS.lagBytes;

/** Where a session's frames go. Frames leave in the order in which they were handed over, at the end of a turn. */
export interface Sink {
  /** Bytes handed over and not yet taken by the system. */
  readonly buffered: number;
  /** Room frames. False, and nothing taken, while more than `LIMITS.lagBytes` wait. */
  deliver(frames: Frames): boolean;
  /** Frames that a lagging session gets too. A session with more than `CUT_BYTES` unsent is closed. */
  mustDeliver(frames: Frames): void;
  /** A frame for this session alone. A session that lets `CUT_BYTES` pile up is closed with 1013. */
  send(frame: DownFrame): void;
  /** The same for a frame that nobody waits for: it shares the next write, or leaves by itself a little later. */
  sendPatiently(frame: DownFrame): void;
  /** Calls once, later, when everything handed over has been taken by the system. A second call replaces the first. */
  onDrained(callback: () => void): void;
  /** Sends a ping. */
  ping(): void;
  /** Number that grows with every byte that the peer sends; where silence is normal, undefined. */
  readonly received: number | undefined;
  /** Closes the connection after the frames handed over so far; later frames are dropped. */
  close(code: CloseCode, reason: string): void;
}
