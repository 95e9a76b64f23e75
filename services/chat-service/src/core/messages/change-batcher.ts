/**
 * Batches changes of messages, from REST and from gateways, within the rate limits of user and room. Changes
 * that arrive while a conversation is being changed become its next transaction. A few conversations are changed at a
 * time.
 *
 * It uses its own connections, so that reads, joins and logins never wait for a connection behind changes.
 */
import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import type { Bounded } from '@messagecore/runtime';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import type { Publish } from '../outbox/committed.ts';
import { CHANGE_CONNECTIONS, type Sql } from '../../platform/database/connect.ts';
import { asChatError } from '../../platform/database/failures.ts';
import { Batcher } from '../../platform/batching/batcher.ts';
import type { KindsOfTenants } from './extensions.ts';
import { type ChangeItem, changeMessages, type ChangeOutcome } from './change-message.ts';

/** One conversation a batch, so that one whose row is held keeps nobody else waiting but through its connection. */
const BATCH = { maxInFlight: CHANGE_CONNECTIONS, maxKeys: 1, maxItems: 256, maxBytes: 4 * 1024 * 1024, minShare: 1 };
const PENDING = {
  maxPending: 8_192,
  maxPendingBytes: 32 * 1024 * 1024,
  shares: [
    { of: ({ tid }: ChangeItem) => tid, part: 1 },
    { of: ({ uid }: ChangeItem) => uid, part: 1 / 4 },
  ],
};

/** Approximate memory of an item without its body. */
const ITEM_BYTES = 512;

type SizedItem = RpcItem<'change'> & Pick<ChangeItem, 'until'> & { readonly bytes: number };

function sized(item: RpcItem<'change'>, until: number | undefined): SizedItem {
  const { change } = item;
  return { ...item, until, bytes: ITEM_BYTES + (change.t === 'edit' ? JSON.stringify(change.body).length : 0) };
}

/** In sends. An edit stores two bodies, the new one and that which it replaced. */
const COST = { edit: 2, recall: 1, react: 1, pin: 1, vote: 1, closePoll: 1, hidePreviews: 1 } as const;

/** Failures that do not say whether the change is allowed; the room's tokens are not given back for them. */
const UNDECIDED: ReadonlySet<string> = new Set(['unavailable', 'internal', 'rate_limited']);

export interface ChangeBatcherDeps {
  readonly sql: Sql;
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
  readonly publish: Publish;
  /** Undefined where tenants define none. */
  readonly kinds?: KindsOfTenants | undefined;
  readonly clock?: Pick<Clock, 'monotonic'>;
  readonly defer?: (fn: () => void) => void;
}

export interface ChangeBatcher {
  /** Settles every item, in order. Nothing is written after `until`, by the monotonic clock (IDM-8). Never rejects. */
  changeAll(items: readonly RpcItem<'change'>[], until?: number): Promise<readonly ChangeOutcome[]>;
  /** Changes that wait for their batch. */
  readonly queue: Bounded;
  /** Refuses new items; settles when those taken have settled. */
  close(): Promise<void>;
}

export function createChangeBatcher(deps: ChangeBatcherDeps): ChangeBatcher {
  const batcher = new Batcher<SizedItem, Exclude<ChangeOutcome, ChatError>>({
    ...BATCH,
    ...PENDING,
    run: (items) => changeWithinLimits(deps, items),
    keyOf: ({ cid, tid }) => cid + tid,
    laneOf: ({ uid }) => uid,
    ownerOf: ({ tid }) => tid,
    identityOf: () => undefined,
    staysInLane: () => true,
    bytesOf: ({ bytes }) => bytes,
    defer: deps.defer ?? setImmediate,
  });
  return {
    async changeAll(items, until) {
      const outcomes = await Promise.allSettled(items.map((item) => batcher.add(sized(item, until))));
      return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : asChatError(outcome.reason)));
    },
    queue: batcher.queue,
    close: () => batcher.close(),
  };
}

/** Items of one conversation, as far as they are within the limits. */
async function changeWithinLimits(
  deps: ChangeBatcherDeps,
  items: readonly SizedItem[],
): Promise<readonly ChangeOutcome[]> {
  const demands = items.map(({ tid, uid, cid, change }) => ({ tid, uid, cid, cost: COST[change.t] }));
  const waits = await deps.limits.take(demands);
  const granted = [...items.keys()].filter((n) => (waits[n] ?? 0) === 0);
  const settled = await changeMessages(
    deps,
    granted.flatMap((n) => items[n] ?? []),
  );
  const outcomes = new Map(granted.map((n, place) => [n, settled[place]]));
  const refused = granted.filter((n) => {
    const outcome = outcomes.get(n);
    return outcome instanceof ChatError && !UNDECIDED.has(outcome.code);
  });
  if (refused.length > 0) void deps.limits.giveBack(refused.flatMap((n) => demands[n] ?? []));
  return items.map((_, n) => {
    const retryAfterMs = waits[n] ?? 0;
    if (retryAfterMs > 0) return new ChatError('rate_limited', undefined, { retryAfterMs });
    return outcomes.get(n) ?? new ChatError('internal', 'no outcome');
  });
}
