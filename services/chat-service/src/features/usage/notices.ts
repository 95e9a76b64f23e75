import type { NoticePercent, QuotaResource } from '@messagecore/protocol/features';
import { emit } from '../../core/outbox/emit.ts';
import { tenantEvent } from '../../core/outbox/events.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { firstDayOf } from './months.ts';
import { usageNotices } from './tables.ts';

const PERCENTS: readonly NoticePercent[] = [80, 100];

export interface Notice {
  readonly resource: QuotaResource;
  readonly percent: NoticePercent;
  readonly current: number;
  readonly limit: number;
}

/** How much of a limit is used that a tenant is told of. */
export function percentsReached(current: number, limit: number | null): readonly NoticePercent[] {
  return limit === null ? [] : PERCENTS.filter((percent) => current > 0 && current * 100 >= limit * percent);
}

/**
 * Tells a tenant that so much of a quota is used: an event on its subject, which the relay publishes, and an entry of its
 * log; each once a month. Call it last: whoever writes to the same log waits from here on.
 */
export async function notify(tx: Transaction, tid: string, month: string, notice: Notice): Promise<void> {
  const { resource, percent } = notice;
  const [isNew] = await db(tx)
    .insert(usageNotices)
    .values({ tenantId: tid, month: firstDayOf(month), resource, percent })
    .onConflictDoNothing()
    .returning({ at: usageNotices.at });
  if (isNew === undefined) return;
  await emit(tx, [tenantEvent(tid, { v: 1, event: 'usage', ...notice })]);
  const { resource: _, ...after } = notice;
  const entry = { actor: 'service', address: '', action: 'reach_quota', target: `quota:${resource}` };
  await appendAudit(tx, tid, { ...entry, after: { month, ...after } });
}
