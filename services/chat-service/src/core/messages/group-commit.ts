/**
 * The send path (CORE-1): what arrives while the last batch is being committed is the next batch.
 *
 * Promises: an item settles with a `seq` only after its commit; a repeat of a stored item gets the first `seq`, also
 * over the rate limit, and one of an item that is queued or under way shares its outcome; a refused or failing item
 * never affects the others; items that one user adds to one conversation get their `seq` in the order added, or fail
 * from some point on.
 *
 * On failure: when the database says that a batch of several failed, nothing of it was stored, and its halves are tried
 * by themselves until the item at fault is alone. When the connection or the server was lost, it is unknown whether the
 * batch was stored: all items fail with `unavailable`, and the senders' repeats get the answer. The bus is not
 * involved.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Bounded, Logger, Tracing } from '@messagecore/runtime';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { asChatError } from '../../platform/database/failures.ts';
import { appendBatch, type Appended, type AppendItem, type Outcome } from './append-batch.ts';
import { classifyFailure } from '../../platform/database/batch-failure.ts';
import { Batcher } from '../../platform/batching/batcher.ts';
import type { Publish } from '../outbox/committed.ts';
import { haveSameColumns, type SendGuard } from './extensions.ts';
import { judgeSends, type Refusal } from './judge-sends.ts';
import { createRateGuard } from './rate-guard.ts';
import { traceCommit } from './trace-sends.ts';
import type { WriteMetrics } from './write-metrics.ts';

const BATCH = { maxInFlight: 2, maxItems: 512, maxBytes: 4 * 1024 * 1024, minShare: 32 };
const PENDING = {
  maxPending: 16_384,
  maxPendingBytes: 64 * 1024 * 1024,
  // One tenant leaves half of it to the others, one user three quarters.
  shares: [
    { of: ({ tid }: AppendItem) => tid, part: 1 },
    { of: ({ uid }: AppendItem) => uid, part: 1 / 4 },
  ],
};

/** So many repeats of one item that share one outcome are free; each of more takes a token of its sender. */
const FREE_REPEATS = 4;
/** More are not counted: a bucket is empty by then. */
const COUNTED_REPEATS = 100;

/** Approximate memory of an item without its body. */
const ITEM_BYTES = 512;

export type SendLimits = Pick<Limits, 'take' | 'giveBack'>;

export interface GroupCommitDeps {
  /** Connections that nothing else uses. */
  readonly sql: Sql;
  readonly limits: SendLimits;
  /** Of features; asked together with the rate limits. None when left out. */
  readonly guards?: readonly SendGuard[];
  readonly publish: Publish;
  readonly metrics: WriteMetrics;
  readonly log: Pick<Logger, 'warn'>;
  /** None are recorded when left out. */
  readonly tracing?: Tracing | undefined;
  /** The shard in which a conversation is, where PostgreSQL has several: each statement is then about one of them. */
  readonly shardOf?: (cid: string) => string;
  readonly defer?: (fn: () => void) => void;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

export interface GroupCommit {
  /** Stores one message. Rejects with the ChatError that refused it. */
  append(item: AppendItem): Promise<Appended>;
  /** Stores many; outcomes in the order of the items. Never rejects. */
  appendAll(items: readonly AppendItem[]): Promise<readonly Outcome[]>;
  /** Sends that wait for their batch. */
  readonly queue: Bounded;
  /** Refuses new items; settles when those taken have settled. */
  close(): Promise<void>;
}

export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const guards = [createRateGuard(deps.limits), ...(deps.guards ?? [])];
  const { shardOf } = deps;
  const batcher = new Batcher<AppendItem, Appended>({
    ...BATCH,
    ...PENDING,
    run: (items) => commit(deps, guards, items),
    keyOf: ({ cid, tid }) => cid + tid,
    // A session is one user's, so this keeps what a session sends in order (SEQ-3), and users wait for nobody else.
    laneOf: ({ uid }) => uid,
    ownerOf: ({ tid }) => tid,
    ...(shardOf !== undefined && { shardOf: ({ cid }) => shardOf(cid) }),
    identityOf: ({ mid }) => mid,
    merge,
    repeated: (outcome) => ({ ...outcome, repeat: true }),
    onRepeats: (item, repeats) => chargeRepeats(deps.limits, item, repeats - FREE_REPEATS),
    staysInLane: (error) => error instanceof DeadlinePassed,
    bytesOf: (item) => ITEM_BYTES + item.body.length,
    defer: deps.defer ?? setImmediate,
  });
  return {
    append: (item) => batcher.add(item),
    appendAll: async (items) => {
      const outcomes = await Promise.allSettled(items.map((item) => batcher.add(item)));
      return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : asChatError(outcome.reason)));
    },
    queue: batcher.queue,
    close: () => batcher.close(),
  };
}

/** What is run for a send and its repeat (IDM-1, IDM-3); undefined when they are not the same. */
function merge(earlier: AppendItem, later: AppendItem, underWay: boolean): AppendItem | undefined {
  if (!isSameSend(earlier, later) || !haveSameToken(earlier, later)) return undefined;
  const waitMs = later.waitMs === undefined ? undefined : earlier.waitMs;
  // One that is only answered if it was stored before speaks for none that may be stored.
  if (underWay && waitMs !== earlier.waitMs) return undefined;
  const until = Math.max(earlier.until ?? Infinity, later.until ?? Infinity);
  return { ...earlier, waitMs, until };
}

function isSameSend(a: AppendItem, b: AppendItem): boolean {
  return (
    a.uid === b.uid && a.kind === b.kind && a.body === b.body && haveSameColumns(a, b) && a.byService === b.byService
  );
}

/** One token may be revoked by now, and the other not. */
function haveSameToken({ token: a }: AppendItem, { token: b }: AppendItem): boolean {
  return a?.device === b?.device && a?.generation === b?.generation;
}

/** Repeats beyond the free ones are answered but cost tokens, which limits the sender's next sends. */
function chargeRepeats(limits: SendLimits, { tid, uid, byService }: AppendItem, repeats: number): void {
  if (repeats <= 0 || byService === true) return;
  void limits.take(Array.from({ length: Math.min(repeats, COUNTED_REPEATS) }, () => ({ tid, uid })));
}

async function commit(
  deps: GroupCommitDeps,
  guards: readonly SendGuard[],
  items: readonly AppendItem[],
): Promise<readonly Outcome[]> {
  const { refusals, settle } = await judgeSends(guards, items);
  const outcomes = await appendBeforeDeadline(deps, items, refusals);
  settle(outcomes);
  deps.metrics.settled(outcomes);
  return outcomes;
}

/** The caller has stopped waiting. */
class DeadlinePassed extends ChatError {
  constructor() {
    super('unavailable', 'waited too long to be stored');
  }
}

/** Deadlines are checked before every statement, as earlier statements may have taken long (IDM-8). */
async function appendBeforeDeadline(
  deps: GroupCommitDeps,
  items: readonly AppendItem[],
  refusals: readonly Refusal[],
): Promise<readonly Outcome[]> {
  const now = (deps.clock ?? systemClock).monotonic();
  const late = new Map<string, ChatError>();
  for (const item of items) if (now > (item.until ?? Infinity)) late.set(laneOf(item), new DeadlinePassed());
  if (late.size === 0) return appendOrHalve(deps, items, refusals);
  return appendUnfailed(deps, items, refusals, (item) => late.get(laneOf(item)));
}

/**
 * The sends of one user to one conversation. After an item past its deadline they fail too; otherwise they would be
 * stored before its repeat.
 */
const laneOf = ({ cid, uid }: AppendItem) => cid + uid;

/** Leaves out items that have failed already. */
async function appendUnfailed(
  deps: GroupCommitDeps,
  items: readonly AppendItem[],
  refusals: readonly Refusal[],
  failureOf: (item: AppendItem) => ChatError | undefined,
): Promise<readonly Outcome[]> {
  const failures = items.map(failureOf);
  const pick = <T>(of: readonly T[]) => of.filter((_, n) => failures[n] === undefined);
  const open = pick(items);
  const stored = open.length === 0 ? [] : await appendBeforeDeadline(deps, open, pick(refusals));
  let next = 0;
  return failures.map((failure) => failure ?? stored[next++] ?? new ChatError('internal'));
}

async function appendOrHalve(deps: GroupCommitDeps, items: readonly AppendItem[], refusals: readonly Refusal[]) {
  const start = systemClock.monotonic();
  const span = traceCommit(deps.tracing, items);
  try {
    const { outcomes, committed } = await appendBatch(deps.sql, items, refusals);
    deps.metrics.committed(items.length, (systemClock.monotonic() - start) / 1_000);
    span?.end();
    if (committed !== undefined) deps.publish(committed);
    return outcomes;
  } catch (err) {
    const failure = classifyFailure(err);
    span?.end({ error: failure.error.code });
    deps.log.warn({ err, items: items.length, code: failure.error.code }, 'batch of messages not stored');
    if (items.length === 1 || !failure.mayBeOfOneItem) return items.map(() => failure.error);
  }
  return halve(deps, items, refusals);
}

/**
 * The second half leaves out conversations of which the first half lost something, and senders who gave up there: it
 * would overtake the repeats.
 */
async function halve(
  deps: GroupCommitDeps,
  items: readonly AppendItem[],
  refusals: readonly Refusal[],
): Promise<readonly Outcome[]> {
  const half = Math.ceil(items.length / 2);
  const first = await appendBeforeDeadline(deps, items.slice(0, half), refusals.slice(0, half));
  const lost = new Map<string, ChatError>();
  for (const [n, item] of items.slice(0, half).entries()) {
    const outcome = first[n];
    if (!(outcome instanceof ChatError) || outcome.code !== 'unavailable') continue;
    lost.set(outcome instanceof DeadlinePassed ? laneOf(item) : item.cid, outcome);
  }
  const failureOf = (item: AppendItem) => lost.get(item.cid) ?? lost.get(laneOf(item));
  const rest = await appendUnfailed(deps, items.slice(half), refusals.slice(half), failureOf);
  return [...first, ...rest];
}
