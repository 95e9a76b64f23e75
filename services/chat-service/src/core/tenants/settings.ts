/** What a tenant has decided for itself, with what holds where it has not. */
import { ChatError } from '@messagecore/protocol';
import { TENANT_SETTINGS, TenantSettings } from '@messagecore/protocol/features';
import type { Metrics } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/** Throws `not_found`. */
export async function readSettings(sql: Sql, tid: string): Promise<TenantSettings> {
  const [row] = await db(sql).select({ settings: tenants.settings }).from(tenants).where(isTenant(tid));
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  return withDefaults(row.settings);
}

/** What a later version has set in a way that this one does not know is as if it were not set. */
export function withDefaults(stored: Partial<TenantSettings>): TenantSettings {
  const { shape } = TenantSettings;
  const known = Object.entries(stored).filter(([name, value]) => {
    const schema = Object.hasOwn(shape, name) ? shape[name as keyof typeof shape] : undefined;
    return schema?.safeParse(value).success;
  });
  return { ...TENANT_SETTINGS, ...Object.fromEntries(known) };
}

/** A tenant's settings for what is done under them; a change holds everywhere within a second. Throws `not_found`. */
export type SettingsOf = (tid: string) => Promise<TenantSettings>;

const MAX_TENANTS = 10_000;
const FRESH_MS = 1_000;

/** Asks PostgreSQL once a second for each tenant that is busy, and needs nothing else to notice a change. */
export function createSettingsOf(sql: Sql, metrics: Pick<Metrics, 'cache'>): SettingsOf {
  const cache = new LRUCache<string, TenantSettings>({
    max: MAX_TENANTS,
    ttl: FRESH_MS,
    fetchMethod: (tid) => readSettings(sql, tid),
  });
  metrics.cache('tenant_settings', cache);
  return (tid) => cache.forceFetch(tid);
}
