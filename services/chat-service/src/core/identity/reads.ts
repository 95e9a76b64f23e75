/**
 * Keeps reading from taking all connections to the database: lists and history are read a few at a time, over all callers,
 * and one user and one tenant have so many of them under way or waiting. Sends, joins and tokens do not wait behind them.
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
