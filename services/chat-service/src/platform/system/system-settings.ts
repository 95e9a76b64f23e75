/** Reads and changes what holds for the whole platform. */
import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type ChangeSystem, WATCHES } from '@messagecore/protocol/features';
import { type LiveTexts, readLive, type Watch } from '@messagecore/runtime';
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
  /** Changed settings of services. */
  readonly settings: LiveTexts;
  readonly changedAt: number | null;
}

export const DEFAULT_SYSTEM: SystemSettings = {
  maintenance: { on: false, message: null, until: null },
  features: {},
  watches: [],
  settings: {},
  changedAt: null,
};

const columns = {
  on: systemSettings.maintenance,
  message: systemSettings.message,
  until: millis(systemSettings.until),
  features: systemSettings.features,
  watches: systemSettings.watches,
  settings: systemSettings.settings,
  changedAt: millis(systemSettings.changedAt),
};

export async function readSystem(sql: Sql | Transaction): Promise<SystemSettings> {
  const [row] = await db(sql).select(columns).from(systemSettings);
  if (row === undefined) return DEFAULT_SYSTEM;
  const { on, message, until, features, settings, changedAt } = row;
  const watches = row.watches.filter((watch) => watch.until > systemClock.now());
  return { maintenance: { on, message, until }, features, watches, settings, changedAt };
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
  checkSettings(change.settings ?? {});
  return sql.begin(async (tx) => {
    await db(tx).select({ id: systemSettings.id }).from(systemSettings).for('update');
    const before = await readSystem(tx);
    const { on, message, until } = { ...before.maintenance, ...change.maintenance };
    const features = { ...before.features, ...change.features };
    const settings = changed(before.settings, change.settings ?? {});
    const watches = change.watches?.map(({ tenantId, conversationId, userId, until }) => {
      return { tid: tenantId, cid: conversationId, uid: userId, until };
    });
    await db(tx)
      .update(systemSettings)
      .set({
        ...{ maintenance: on, message, until: momentOf(until ?? null), features, settings, changedAt: now() },
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

type SettingChanges = NonNullable<ChangeSystem['settings']>;

/** Whatever is not to be as at the start must be one that may change, and be what the environment may say. */
function checkSettings(changes: SettingChanges): void {
  const { wrong } = readLive(changed({}, changes));
  const errors = wrong.map(({ name, reason }) => ({ path: `settings.${name}`, message: reason }));
  if (errors.length > 0) throw new ChatError('bad_request', `settings: ${wrong[0]?.reason}`, { errors });
}

function changed(before: LiveTexts, changes: SettingChanges): LiveTexts {
  const all = Object.entries({ ...before, ...changes });
  return Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== ''));
}

function checkNames(names: readonly string[], known: readonly string[]): void {
  const errors = names
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: `features.${name}`, message: `is none of ${known.join(', ')}` }));
  if (errors.length > 0) throw new ChatError('bad_request', 'features: unknown product areas', { errors });
}
