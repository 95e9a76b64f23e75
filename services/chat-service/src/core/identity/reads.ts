/**
 * Limits how many lists and pages of history are read at the same time, so that reading does not take all connections
 * to the database. Each user and each tenant may have a bounded number running or waiting, and each user may ask for so
 * many a second (LIM-13). Sends, joins and tokens are not affected.
 */
import { ChatError } from '@messagecore/protocol';
import { createBulkhead } from '../../platform/limits/bulkhead.ts';
import type { Limits } from '../../platform/limits/limits.ts';
import type { Reader } from './caller.ts';

/** Of a pool of ten, the smallest that is usual. */
const AT_ONCE = 4;
/** Of one tenant: a place is left for the others. */
const AT_ONCE_OF_TENANT = 3;
/** Of one user, so that others of the tenant have a place too. */
const AT_ONCE_OF_USER = 2;
const OF_USER = 16;
const OF_TENANT = 128;
const OF_ALL = 1_024;

/** `counted` is false for what is neither a list nor a page: it waits with them, but its number is not limited. */
export type ReadsOf = <T>(
  reader: Reader,
  read: () => Promise<T>,
  options?: { readonly counted: boolean },
) => Promise<T>;

export function createReadsOf(limits: Pick<Limits, 'takeRead'>): ReadsOf {
  const ofUser = createBulkhead({ atOnce: OF_ALL, atOnceOfOneKey: AT_ONCE_OF_USER, ofOneKey: OF_USER, ofAll: OF_ALL });
  const ofAll = createBulkhead({
    atOnce: AT_ONCE,
    atOnceOfOneKey: AT_ONCE_OF_TENANT,
    ofOneKey: OF_TENANT,
    ofAll: OF_ALL,
  });

  return async ({ tid, uid }, read, { counted } = { counted: true }) => {
    const inTurn = () => ofAll(tid, read);
    if (uid === undefined) return inTurn();
    const retryAfterMs = counted ? await limits.takeRead({ tid, uid }) : 0;
    if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many lists and pages', { retryAfterMs });
    return ofUser(`${tid} ${uid}`, inTurn);
  };
}
