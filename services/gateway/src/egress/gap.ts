/** The `gap` frame: messages that the history does not have, so that a client can go on behind them. */
import type { DownFrameOf } from '@messagecore/protocol';

export type GapReason = DownFrameOf<'gap'>['reason'];

export function gapFrame(cid: string, from: number, to: number, reason: GapReason): DownFrameOf<'gap'> {
  return { t: 'gap', cid, from, to, reason };
}

/** Why messages up to `to` are missing in a history whose oldest message is `first`. */
export function gapReason(to: number, first: number): GapReason {
  return to < first ? 'expired' : 'erased';
}
