import type { AuditEntry } from '@messagecore/protocol/features';
import type { StoredEntry } from './entry.ts';

/** An entry as callers see it. */
export function viewOf({ seq, at, action, actor, address, target, before, after, hash }: StoredEntry): AuditEntry {
  const state = (value: object | null | undefined) => (value ?? null) as AuditEntry['before'];
  return { seq, at: at.getTime(), action, actor, address, target, before: state(before), after: state(after), hash };
}
