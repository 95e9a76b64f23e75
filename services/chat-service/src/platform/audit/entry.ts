import { createHash } from 'node:crypto';
import type { auditLog } from './tables.ts';

export interface AuditEntry {
  readonly action: string;
  readonly actor: string;
  readonly address: string;
  readonly target: string;
  /** State before and after, as far as it matters; never a secret. */
  readonly before?: object | null | undefined;
  readonly after?: object | null | undefined;
}

export type StoredEntry = Omit<typeof auditLog.$inferSelect, 'tenantId'>;

/** What stands before a tenant's first entry. */
export const GENESIS = '0'.repeat(64);

/**
 * Hash of an entry in its chain: SHA-256 over the JSON of all its fields, keys sorted, and the hash of the entry before
 * it. Changing, removing or inserting an entry changes every hash behind it.
 */
export function hashOf(previous: string, tid: string, seq: number, at: Date, entry: AuditEntry): string {
  const { action, actor, address, target, before = null, after = null } = entry;
  const fields = [previous, tid, seq, at.toISOString(), action, actor, address, target, sorted(before), sorted(after)];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** The same value for the same content, whatever the order of its keys: the database keeps another one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]);
}
