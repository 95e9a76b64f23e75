import { LIMITS, type CloseCode, type DownFrame } from '@messagecore/protocol';
import type { Frames } from './block.ts';

/**
 * Bytes of a session's own frames (answers, errors, pongs) at which it is cut. Room frames stop at `LIMITS.lagBytes`
 * already, so only a peer that keeps asking and never reads gets here.
 */
export const CUT_BYTES = 2 * LIMITS.lagBytes;

/** Where a session's frames go. Frames leave in the order in which they were handed over, all at the end of a turn. */
export interface Sink {
  /** Bytes handed over and not yet taken by the system. */
  readonly buffered: number;
  /** Room frames. False, and nothing taken, while more than `LIMITS.lagBytes` wait. */
  deliver(frames: Frames): boolean;
  /** Frames that are not refused: for a session that lags too. A session that lets `CUT_BYTES` pile up is closed. */
  mustDeliver(frames: Frames): void;
  /** A frame for this session alone. A session that lets `CUT_BYTES` pile up is closed with 1013. */
  send(frame: DownFrame): void;
  /** Calls once, later, when everything handed over has been taken by the system. A second call replaces the first. */
  onDrained(callback: () => void): void;
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** Number that grows with every byte that the peer sends; where silence is normal, undefined. */
  readonly received: number | undefined;
  /** Says goodbye after what was handed over; nothing is taken from now on. */
  close(code: CloseCode, reason: string): void;
}
