/**
 * The send path (CORE-1): what arrives while the last batch is being committed is the next batch.
 *
 * Promises: an item settles with a `seq` only after its commit; a repeat of a stored item gets the first `seq`, also over
 * the rate limit; one item's refusal or poison never touches its neighbours; items that one caller adds to one
 * conversation get their `seq` in the order added, or fail from some point on.
 *
 * On failure: when the database says that a batch of several failed, nothing of it was stored, and its halves are tried
 * by themselves until the item at fault is alone. When the connection or the server went away, nobody knows: all items
 * fail with `unavailable`, and their repeats find out. The bus is not asked and not waited for.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import type { Sql } from '../store/connect.ts';
import { asChatError } from '../store/failures.ts';
import { appendBatch, type Appended, type AppendItem, type Outcome } from './append-batch.ts';
import { judgeFailure } from './batch-failure.ts';
import { Batcher } from './batcher.ts';
import type { Publish } from '../store/committed.ts';
import type { WriteMetrics } from './write-metrics.ts';

const BATCH = { maxInFlight: 2, maxItems: 512, maxBytes: 4 * 1024 * 1024, minShare: 32 };
const PENDING = { maxPending: 16_384, maxPendingBytes: 64 * 1024 * 1024 };

const NO_VOICE: ReadonlySet<string> = new Set(['not_found', 'not_member', 'forbidden', 'muted']);

/** What an item takes beside its body, about. */
const ITEM_BYTES = 512;

export interface SendLimits {
  /** One token for each send: 0, or the milliseconds to wait. Never rejects. */
  take(sends: readonly Send[]): Promise<readonly number[]>;
  /** The room's token of each back. Never rejects. */
  giveBack(sends: readonly Send[]): Promise<void>;
}

type Send = Pick<AppendItem, 'tid' | 'uid' | 'cid'>;

export interface AppenderDeps {
  /** Connections that nothing else uses. */
  readonly sql: Sql;
  readonly limits: SendLimits;
  readonly publish: Publish;
  readonly metrics: WriteMetrics;
  readonly log: Pick<Logger, 'warn'>;
  readonly defer?: (fn: () => void) => void;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

export interface Appender {
  /** Stores one message. Rejects with the ChatError that refused it. */
  append(item: AppendItem): Promise<Appended>;
  /** Stores many; outcomes in the order of the items. Never rejects. */
  appendAll(items: readonly AppendItem[]): Promise<readonly Outcome[]>;
  /** Refuses new items; settles when those taken have settled. */
  close(): Promise<void>;
}

export function createAppender(deps: AppenderDeps): Appender {
  const batcher = new Batcher<AppendItem, Appended>({
    ...BATCH,
    ...PENDING,
    run: (items) => commit(deps, items),
    keyOf: (item) => item.cid,
    identityOf: (item) => item.mid,
    bytesOf: (item) => ITEM_BYTES + item.body.length,
    defer: deps.defer ?? setImmediate,
  });
  return {
    append: (item) => batcher.add(item),
    appendAll: async (items) => {
      const outcomes = await Promise.allSettled(items.map((item) => batcher.add(item)));
      return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : asChatError(outcome.reason)));
    },
    close: () => batcher.close(),
  };
}

async function commit(deps: AppenderDeps, items: readonly AppendItem[]): Promise<readonly Outcome[]> {
  const waits = await waitsOf(deps.limits, items);
  const outcomes = await appendInTime(deps, items, waits);
  const outsiders = items.filter((item, n) => waits[n] === 0 && isLimited(item) && isOutside(outcomes[n]));
  if (outsiders.length > 0) void deps.limits.giveBack(outsiders);
  deps.metrics.settled(outcomes);
  return outcomes;
}

/** Who has no voice in a room must not spend what it may send: the room's token goes back, the sender's is gone. */
function isOutside(outcome: Outcome | undefined): boolean {
  return outcome instanceof ChatError && NO_VOICE.has(outcome.code);
}

/** Asked before every statement: the ones before it may have waited long (IDM-8). */
async function appendInTime(
  deps: AppenderDeps,
  items: readonly AppendItem[],
  waits: readonly number[],
): Promise<readonly Outcome[]> {
  const late = tooLate(items, (deps.clock ?? systemClock).monotonic());
  return late.size === 0 ? appendOrHalve(deps, items, waits) : appendRest(deps, items, waits, late);
}

/** Conversations of which an item has been given up by whoever asked. What is behind it would overtake its repeat. */
function tooLate(items: readonly AppendItem[], now: number): ReadonlyMap<string, ChatError> {
  const late = items.filter(({ until = Infinity }) => now > until);
  return new Map(late.map(({ cid }) => [cid, new ChatError('unavailable', 'waited too long to be stored')]));
}

/** Leaves out the conversations named. */
async function appendRest(
  deps: AppenderDeps,
  items: readonly AppendItem[],
  waits: readonly number[],
  without: ReadonlyMap<string, ChatError>,
): Promise<readonly Outcome[]> {
  const open = [...items.keys()].filter((n) => !without.has(items[n]?.cid ?? ''));
  const pick = <T>(of: readonly T[]) => open.flatMap((n) => of.slice(n, n + 1));
  const stored = open.length === 0 ? [] : await appendInTime(deps, pick(items), pick(waits));
  let next = 0;
  return items.map((item) => without.get(item.cid) ?? stored[next++] ?? new ChatError('internal'));
}

/** What the service itself writes is not limited, and what has to wait anyway takes no token. */
const isLimited = ({ byService, waitMs }: AppendItem) => byService !== true && waitMs === undefined;

async function waitsOf(limits: SendLimits, items: readonly AppendItem[]): Promise<readonly number[]> {
  const waits = await limits.take(items.filter(isLimited));
  let next = 0;
  return items.map((item) => (isLimited(item) ? waits[next++] : item.waitMs) ?? 0);
}

async function appendOrHalve(deps: AppenderDeps, items: readonly AppendItem[], waits: readonly number[]) {
  const start = systemClock.monotonic();
  try {
    const { outcomes, committed } = await appendBatch(deps.sql, items, waits);
    deps.metrics.committed(items.length, (systemClock.monotonic() - start) / 1_000);
    if (committed !== undefined) deps.publish(committed);
    return outcomes;
  } catch (err) {
    const failure = judgeFailure(err);
    deps.log.warn({ err, items: items.length, code: failure.error.code }, 'batch of messages not stored');
    if (items.length === 1 || !failure.mayBeOfOneItem) return items.map(() => failure.error);
  }
  return halve(deps, items, waits);
}

/** The second half leaves out conversations of which the first half lost something: it would overtake the repeat. */
async function halve(
  deps: AppenderDeps,
  items: readonly AppendItem[],
  waits: readonly number[],
): Promise<readonly Outcome[]> {
  const half = Math.ceil(items.length / 2);
  const first = await appendInTime(deps, items.slice(0, half), waits.slice(0, half));
  const lost = new Map<string, ChatError>();
  for (const [n, outcome] of first.entries()) {
    if (outcome instanceof ChatError && outcome.code === 'unavailable') lost.set(items[n]?.cid ?? '', outcome);
  }
  const rest = await appendRest(deps, items.slice(half), waits.slice(half), lost);
  return [...first, ...rest];
}
