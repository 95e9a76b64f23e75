/** Reads and changes what holds for the whole platform. */
import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type ChangeSystem, WATCHES } from '@messagecore/protocol/features';
import type { Watch } from '@messagecore/runtime';
import { appendAudit } from '../audit/audit-log.ts';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { millis, momentOf, now } from '../database/expressions.ts';
import { PLATFORM_TENANT } from '../jobs/enqueue.ts';
import { systemSettings } from './tables.ts';

export interface SystemSettings {
  readonly maintenance: { readonly on: boolean; readonly message: string | null; readonly until: number | null };
  readonly features: Readonly<Record<string, boolean>>;
  /** Those whose time is not over. */
  readonly watches: readonly Watch[];
  readonly changedAt: number | null;
}

export const DEFAULT_SYSTEM: SystemSettings = {
  maintenance: { on: false, message: null, until: null },
  features: {},
  watches: [],
  changedAt: null,
};

const columns = {
  on: systemSettings.maintenance,
  message: systemSettings.message,
  until: millis(systemSettings.until),
  features: systemSettings.features,
  watches: systemSettings.watches,
  changedAt: millis(systemSettings.changedAt),
};

export async function readSystem(sql: Sql | Transaction): Promise<SystemSettings> {
  const [row] = await db(sql).select(columns).from(systemSettings);
  if (row === undefined) return DEFAULT_SYSTEM;
  const { on, message, until, features, changedAt } = row;
  const watches = row.watches.filter((watch) => watch.until > systemClock.now());
  return { maintenance: { on, message, until }, features, watches, changedAt };
}

/** Changes what is named, and writes it down in the platform's own log. `known` are the product areas that can be switched. */
export function changeSystem(
  sql: Sql,
  by: { readonly actor: string; readonly address: string },
  change: ChangeSystem,
  known: readonly string[],
): Promise<SystemSettings> {
  checkNames(Object.keys(change.features ?? {}), known);
  checkWatches(change.watches ?? []);
  return sql.begin(async (tx) => {
    await db(tx).select({ id: systemSettings.id }).from(systemSettings).for('update');
    const before = await readSystem(tx);
    const { on, message, until } = { ...before.maintenance, ...change.maintenance };
    const features = { ...before.features, ...change.features };
    const watches = change.watches?.map(({ tenantId, conversationId, userId, until }) => {
      return { tid: tenantId, cid: conversationId, uid: userId, until };
    });
    await db(tx)
      .update(systemSettings)
      .set({
        ...{ maintenance: on, message, until: momentOf(until ?? null), features, changedAt: now() },
        watches: watches ?? before.watches,
      });
    const after = await readSystem(tx);
    const told = { action: 'change_system', target: 'system', before, after };
    await appendAudit(tx, PLATFORM_TENANT, { actor: by.actor, address: by.address, ...told });
    return after;
  });
}

function checkWatches(watches: NonNullable<ChangeSystem['watches']>): void {
  const [from, to] = [systemClock.now(), systemClock.now() + WATCHES.forMs];
  const errors = watches.flatMap(({ until }, n) =>
    until > from && until <= to ? [] : [{ path: `watches.${n}.until`, message: 'is not within the next hour' }],
  );
  if (errors.length > 0) throw new ChatError('bad_request', 'watches: not within the next hour', { errors });
}

function checkNames(names: readonly string[], known: readonly string[]): void {
  const errors = names
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: `features.${name}`, message: `is none of ${known.join(', ')}` }));
  if (errors.length > 0) throw new ChatError('bad_request', 'features: unknown product areas', { errors });
}
