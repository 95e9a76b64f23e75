/**
 * Tells many users of one event. Users are told in chunks, and between two of them everything else has its turn; events of
 * one conversation are told in the order in which they were handed over, so that nobody hears last of what came first.
 *
 * Memory: a caller waits until its users are told, and names them in pages, so that one page a caller is held.
 */
import type { UserEvent } from '@messagecore/protocol/bus';
import type { Logger } from '@messagecore/runtime';
import type { Announcer } from './announcer.ts';

/** Users told without a pause: well below a millisecond. */
const CHUNK = 100;

export interface Telling {
  readonly tid: string;
  readonly cid: string;
  readonly event: UserEvent;
}

export type Pages = Iterable<readonly string[]> | AsyncIterable<readonly string[]>;

/** Settles when all are told. Never rejects: what happened is committed, and who is not told sees it in the next list. */
export type FanOut = (telling: Telling, pages: Pages) => Promise<void>;

export interface FanOutDeps {
  readonly announcer: Pick<Announcer, 'user'>;
  readonly log: Pick<Logger, 'warn'>;
  /** Runs a function when others have had their turn. */
  readonly defer?: (fn: () => void) => void;
}

export function createFanOut({ announcer, log, defer = setImmediate }: FanOutDeps): FanOut {
  const last = new Map<string, Promise<void>>();

  async function tell({ tid, event }: Telling, pages: Pages): Promise<void> {
    let told = 0;
    for await (const page of pages) {
      for (const uid of page) {
        if (told > 0 && told % CHUNK === 0) await new Promise<void>((resolve) => defer(resolve));
        announcer.user(tid, uid, event);
        told += 1;
      }
    }
  }

  return async (telling, pages) => {
    const { cid } = telling;
    const before = last.get(cid);
    const settled = (before ?? Promise.resolve())
      .then(() => tell(telling, pages))
      .catch((err: unknown) => log.warn({ err, cid }, 'not everybody was told'));
    last.set(cid, settled);
    await settled;
    if (last.get(cid) === settled) last.delete(cid);
  };
}
