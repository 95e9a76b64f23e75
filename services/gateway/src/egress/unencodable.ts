import { type Clock, TokenBucket } from '@messagecore/kernel';
import type { Logger } from '@messagecore/runtime';
import type { EncodingFailure } from './block.ts';

/** Lines in the log: one bad frame may be met by every session of a large room. */
const LOGGED = { perSecond: 1, burst: 10 };

export interface UnencodableDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Another frame was left out. */
  readonly onFailure: () => void;
}

/** Counts and logs frames that were left out because they could not be encoded, each once however many receivers it has. */
export function reportUnencodable({ clock, log, onFailure }: UnencodableDeps): (failure: EncodingFailure) => void {
  const known = new WeakSet<EncodingFailure>();
  const lines = new TokenBucket({ ...LOGGED, clock });
  return (failure) => {
    if (known.has(failure)) return;
    known.add(failure);
    onFailure();
    if (lines.take() > 0) return;
    const { cid, t, number, error: err } = failure;
    log.error({ cid, t, number, err }, 'frame left out: it cannot be encoded');
  };
}
