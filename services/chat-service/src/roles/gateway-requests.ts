/** What answers each request of gateways. */
import { ChatError, type RateLimits, type UnreadTotals } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { readGained } from '../core/conversations/gained-conversations.ts';
import type { Actor } from '../core/identity/caller.ts';
import type { Identify } from '../core/identity/identify.ts';
import { changesBatch, historyBatch } from '../core/messages/history.ts';
import { readInbox, readNews } from '../core/positions/inbox-queries.ts';
import { countTotals } from '../core/positions/total-unread.ts';
import { readHeads, readJoins, readMembers } from '../core/positions/position-queries.ts';
import { readViewers } from '../core/users/viewers.ts';
import type { Sql } from '../platform/database/connect.ts';
import type { Answer } from '../platform/rpc/batch.ts';
import type { RpcAnswers, RpcPages } from '../platform/rpc/serve.ts';
import type { PresenceAnswers } from './features.ts';

export interface GatewayRequestDeps {
  readonly sql: Sql;
  readonly identify: Identify;
  /** Told to gateways with each token. */
  readonly rates: RateLimits;
  /** Of a feature; without, there is no limit. */
  readonly connections?: Answer<'connections'> | undefined;
  /** Of a feature; without, nobody is seen. */
  readonly presence?: PresenceAnswers | undefined;
  readonly commands: Pick<RpcAnswers, 'send' | 'change' | 'ack' | 'read' | 'call'>;
}

export function rpcAnswers({
  sql,
  identify,
  rates,
  connections = unlimited,
  presence = unseen,
  commands,
}: GatewayRequestDeps): RpcAnswers {
  const { send, change, ack, read, call } = commands;
  return {
    open: openWith(identify, rates, (users) => countTotals(sql, users)),
    join: (items) => readJoins(sql, items),
    heads: (items) => readHeads(sql, items),
    members: (items) => readMembers(sql, items),
    gained: (items) => readGained(sql, items),
    viewers: (items) => readViewers(sql, items),
    ...presence,
    connections,
    inbox: (items) => readInbox(sql, items),
    news: (items) => readNews(sql, items),
    send,
    change,
    ack,
    read,
    call,
  };
}

const unlimited: Answer<'connections'> = async (items) =>
  items.map(({ connections: total }) => ({ total, limit: null }));

const unseen: PresenceAnswers = {
  present: async (items) => items.map(() => ({})),
  presence: async (items) => items.map(() => ({ users: [] })),
};

export function rpcPages(sql: Sql): RpcPages {
  return {
    history: (request) => historyBatch(sql, request),
    changes: (request) => changesBatch(sql, request),
  };
}

/** A session opens whether or not its user's totals can be told. */
function openWith(
  identify: Identify,
  { framesPerConnection, sendsPerUser }: RateLimits,
  totalsOf: (users: readonly Actor[]) => Promise<readonly UnreadTotals[]>,
): Answer<'open'> {
  return async (items: readonly RpcItem<'open'>[]) => {
    const identities = await identify(items.map(({ jwt }) => jwt));
    const asking = identities.flatMap((user, place) =>
      items[place]?.unread === true && !(user instanceof ChatError) ? [{ place, user }] : [],
    );
    const totals = await totalsOf(asking.map(({ user }) => user)).catch(() => []);
    const unreadAt = new Map(asking.map(({ place }, n) => [place, totals[n]]));
    return identities.map((identity, place): RpcResult<'open'> | ChatError => {
      if (identity instanceof ChatError) return identity;
      const { tid, uid, clientId, generation, expiresAt } = identity;
      const unread = unreadAt.get(place);
      return {
        tid,
        uid,
        generation,
        expiresAt,
        framesPerConnection,
        sendsPerUser,
        ...(clientId !== undefined && { clientId }),
        ...(unread !== undefined && { unread }),
      };
    });
  };
}
