/** What answers each operation. */
import { ChatError, type RateLimits, type RpcItem, type RpcResult } from '@messagecore/protocol';
import type { Identify } from '../identity/identify.ts';
import { changesBatch, historyBatch } from '../read/history.ts';
import { readHeads, readJoins, readMembers } from '../read/positions.ts';
import type { Sql } from '../store/connect.ts';
import type { Answer } from './batch.ts';
import type { RpcAnswers, RpcPages } from './serve.ts';

export interface OperationDeps {
  readonly sql: Sql;
  readonly identify: Identify;
  /** Told to gateways with each token. */
  readonly rates: RateLimits;
  readonly commands: Pick<RpcAnswers, 'send' | 'change' | 'ack' | 'read'>;
}

export function rpcAnswers({ sql, identify, rates, commands }: OperationDeps): RpcAnswers {
  const { send, change, ack, read } = commands;
  return {
    open: openWith(identify, rates),
    join: (items) => readJoins(sql, items),
    heads: (items) => readHeads(sql, items),
    members: (items) => readMembers(sql, items),
    send,
    change,
    ack,
    read,
  };
}

export function rpcPages(sql: Sql): RpcPages {
  return {
    history: (request) => historyBatch(sql, request),
    changes: (request) => changesBatch(sql, request),
  };
}

function openWith(identify: Identify, { framesPerConnection, sendsPerUser }: RateLimits): Answer<'open'> {
  return async (items: readonly RpcItem<'open'>[]) => {
    const identities = await identify(items.map(({ jwt }) => jwt));
    return identities.map((identity): RpcResult<'open'> | ChatError => {
      if (identity instanceof ChatError) return identity;
      const { tid, uid, clientId, expiresAt } = identity;
      return { tid, uid, expiresAt, framesPerConnection, sendsPerUser, ...(clientId !== undefined && { clientId }) };
    });
  };
}
