/** Statements of the audit log, of which the simulation keeps nothing: no answer to a client depends on it. */
import type { Statement } from './rows.ts';

export const AUDIT: readonly Statement[] = [
  {
    words: ['insert into audit_heads (tenant_id, seq, hash)', 'returning seq, hash'],
    run: (transaction) => [{ seq: 1, hash: '0'.repeat(64), at: new Date(transaction.database.now) }],
  },
  { words: ['with head as (update audit_heads set hash = ?', 'insert into audit_log'], run: () => [] },
];
