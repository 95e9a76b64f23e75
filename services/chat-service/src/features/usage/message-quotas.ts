/**
 * How much of their messages of the month tenants have used, as this process knows it (TEN-4).
 *
 * Promises: asking and noting are memory alone; what is known is never more than the truth, so nobody is refused who has
 * something left, whatever becomes of Redis; and it is brought up to date once a step, about a second, which bounds by how
 * much a tenant can exceed its quota.
 *
 * Known is the largest of three counts, of which none exceeds the truth: of PostgreSQL, which lags behind by what its
 * consumer has not counted yet; of this process; and of all processes, in Redis. When Redis was emptied its count begins at
 * that of PostgreSQL. That is one of some seconds ago: what it holds was reported to Redis before, and is not added again.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Bounded } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { EffectiveLimits } from '../../core/tenants/plans.ts';
import type { SharedCounters } from '../../platform/counters/shared-counters.ts';
import type { TenantMonth } from './read-months.ts';
import { monthAt, Months } from './months.ts';

/** Tenants remembered at most. One that is forgotten is read again with its next send, which passes. */
const REMEMBERED = 50_000;
/** What PostgreSQL had counted so long ago, every process has reported since. */
const SETTLED_AFTER_MS = 5_000;

export interface MessageQuotasDeps {
  readonly readMonths: (tids: readonly string[], month: string) => Promise<readonly TenantMonth[]>;
  readonly counters: SharedCounters;
  /** Told what a tenant may do, as often as that is read. */
  readonly onLimits?: (tid: string, limits: EffectiveLimits) => void;
  readonly clock?: Clock;
}

interface MonthView {
  readonly month: string;
  /** Undefined until it is read, null without limit. */
  limit: number | null | undefined;
  known: number;
  /** Stored here since the last step: not in `known`. */
  fresh: number;
  /** Counts of PostgreSQL: one that is settled, and the next that will be. */
  settled: number;
  next: { readonly count: number; readonly at: number };
}

export interface MessageQuotas {
  /** The limit, when the tenant has used it up; undefined while it may send. */
  exceeded(tid: string): number | undefined;
  /** Messages of the tenant were stored by this process. */
  stored(tid: string, messages: number): void;
  /** To be called every second or so. Rejects when PostgreSQL does not answer; what was noted is kept. */
  step(): Promise<void>;
  /** How many tenants are remembered, and may be. */
  readonly remembered: Bounded;
  /** What tenants have used this month, as far as this process knows; null without limit. */
  used(): Iterable<{ readonly tid: string; readonly messages: number; readonly limit: number | null }>;
}

export function createMessageQuotas(deps: MessageQuotasDeps): MessageQuotas {
  const { readMonths, counters, onLimits = () => {}, clock = systemClock } = deps;
  const months = new Months();
  const views = new LRUCache<string, MonthView>({ max: REMEMBERED });
  /** Tenants that have sent since the last step, or tried to. Those at their limit too: it may be raised. */
  let due = new Set<string>();

  function viewOf(tid: string): MonthView {
    const month = months.at(clock.now());
    const present = views.get(tid);
    if (present?.month === month) return present;
    const limit = present?.limit;
    const view: MonthView = { month, limit, known: 0, fresh: 0, settled: 0, next: { count: 0, at: clock.monotonic() } };
    views.set(tid, view);
    return view;
  }

  function exceeded(tid: string): number | undefined {
    due.add(tid);
    const { limit, known, fresh } = viewOf(tid);
    return typeof limit === 'number' && known + fresh >= limit ? limit : undefined;
  }

  async function step(): Promise<void> {
    const month = monthAt(clock.now());
    const asked = due;
    if (asked.size === 0) return;
    due = new Set();
    const rows = await readMonths([...asked], month).catch((error: unknown) => {
      for (const tid of asked) due.add(tid);
      throw error;
    });
    for (const { tid, limits } of rows) onLimits(tid, limits);
    const at = clock.monotonic();
    const read = rows
      .map((row) => ({ tid: row.tid, view: viewOf(row.tid), row }))
      .filter(({ view }) => view.month === month);
    const raises = read.map(({ tid, view, row }) => {
      const by = view.fresh;
      note(view, row, at);
      return { key: `quota:{${tid}}:messages:${month}`, by, atLeast: view.settled };
    });
    // While Redis is away the other two counts go on.
    const totals = await counters.raise(raises).catch(() => undefined);
    for (const [n, { tid, view }] of read.entries()) {
      view.known = Math.max(view.known, totals?.[n] ?? 0);
      if (typeof view.limit === 'number' && view.known >= view.limit) due.add(tid);
    }
  }

  return {
    exceeded,
    stored(tid, messages) {
      due.add(tid);
      viewOf(tid).fresh += messages;
    },
    step,
    remembered: views,
    *used() {
      const month = monthAt(clock.now());
      for (const [tid, view] of views.entries()) {
        if (view.month === month) yield { tid, messages: view.known + view.fresh, limit: view.limit ?? null };
      }
    },
  };
}

/** What PostgreSQL says, which was asked before what is fresh now was stored. */
function note(view: MonthView, { limits, messages }: TenantMonth, at: number): void {
  view.limit = limits.messages;
  view.known = Math.max(view.known + view.fresh, messages);
  view.fresh = 0;
  if (at - view.next.at < SETTLED_AFTER_MS) return;
  view.settled = view.next.count;
  view.next = { count: messages, at };
}
