/**
 * Limits how many lists and pages of history are read at the same time, so that reading does not take all connections
 * to the database. Each user and each tenant may have a bounded number running or waiting. Sends, joins and tokens are
 * not affected.
 */
import type { FastifyRequest } from 'fastify';
import { createBulkhead } from '../../platform/limits/bulkhead.ts';
import { callerOf } from './auth-plugin.ts';

/** Of a pool of ten, the smallest that is usual. */
const AT_ONCE = 4;
const OF_USER = 16;
const OF_TENANT = 128;
const OF_ALL = 1_024;

export type Reads = <T>(request: FastifyRequest, read: () => Promise<T>) => Promise<T>;

export function createReads(): Reads {
  const ofUser = createBulkhead({ atOnce: OF_ALL, ofOneKey: OF_USER, ofAll: OF_ALL });
  const ofAll = createBulkhead({ atOnce: AT_ONCE, ofOneKey: OF_TENANT, ofAll: OF_ALL });

  return (request, read) => {
    const { tid, uid } = callerOf(request);
    const inTurn = () => ofAll(tid, read);
    return uid === undefined ? inTurn() : ofUser(`${tid} ${uid}`, inTurn);
  };
}
