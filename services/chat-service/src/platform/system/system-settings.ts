/** Reads and changes what holds for the whole platform. */
import { ChatError } from '@messagecore/protocol';
import { type ChangeSystem } from '@messagecore/protocol/features';
import { appendAudit } from '../audit/audit-log.ts';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { millis, momentOf, now } from '../database/expressions.ts';
import { PLATFORM_TENANT } from '../jobs/enqueue.ts';
import { systemSettings } from './tables.ts';

export interface SystemSettings {
  readonly maintenance: { readonly on: boolean; readonly message: string | null; readonly until: number | null };
  readonly features: Readonly<Record<string, boolean>>;
  readonly changedAt: number | null;
}

export const DEFAULT_SYSTEM: SystemSettings = {
  maintenance: { on: false, message: null, until: null },
  features: {},
  changedAt: null,
};

const columns = {
  on: systemSettings.maintenance,
  message: systemSettings.message,
  until: millis(systemSettings.until),
  features: systemSettings.features,
  changedAt: millis(systemSettings.changedAt),
};

export async function readSystem(sql: Sql | Transaction): Promise<SystemSettings> {
  const [row] = await db(sql).select(columns).from(systemSettings);
  if (row === undefined) return DEFAULT_SYSTEM;
  const { on, message, until, features, changedAt } = row;
  return { maintenance: { on, message, until }, features, changedAt };
}

/** Changes what is named, and writes it down in the platform's own log. `known` are the product areas that can be switched. */
export function changeSystem(
  sql: Sql,
  by: { readonly actor: string; readonly address: string },
  change: ChangeSystem,
  known: readonly string[],
): Promise<SystemSettings> {
  checkNames(Object.keys(change.features ?? {}), known);
  return sql.begin(async (tx) => {
    await db(tx).select({ id: systemSettings.id }).from(systemSettings).for('update');
    const before = await readSystem(tx);
    const { on, message, until } = { ...before.maintenance, ...change.maintenance };
    const features = { ...before.features, ...change.features };
    await db(tx)
      .update(systemSettings)
      .set({ maintenance: on, message, until: momentOf(until ?? null), features, changedAt: now() });
    const after = await readSystem(tx);
    const told = { action: 'change_system', target: 'system', before, after };
    await appendAudit(tx, PLATFORM_TENANT, { actor: by.actor, address: by.address, ...told });
    return after;
  });
}

function checkNames(names: readonly string[], known: readonly string[]): void {
  const errors = names
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: `features.${name}`, message: `is none of ${known.join(', ')}` }));
  if (errors.length > 0) throw new ChatError('bad_request', 'features: unknown product areas', { errors });
}
