/**
 * The tamper-evident log of administrative and security actions (COMP-1).
 *
 * Invariant: an entry is written in the transaction of what it tells, so neither exists without the other; entries of a
 * tenant are numbered without a hole, and each one's hash covers the one before it.
 */
import { and, eq, getTableColumns, gt, gte, lt } from 'drizzle-orm';
import type { AuditQuery } from '@messagecore/protocol/features';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { type AuditEntry, GENESIS, hashOf, type StoredEntry } from './entry.ts';
import { auditHeads, auditLog } from './tables.ts';

/**
 * Appends to the log of a tenant. Takes a lock that others who append to the same log wait for: call it last.
 *
 * Raw SQL: the number and the time in one statement, the entry and the head in another.
 */
export async function appendAudit(tx: Transaction, tid: string, entry: AuditEntry): Promise<void> {
  const [head] = await tx<{ seq: number; hash: string; at: Date }[]>`
    insert into audit_heads (tenant_id, seq, hash) values (${tid}, 1, ${GENESIS})
    on conflict (tenant_id) do update set seq = audit_heads.seq + 1
    returning seq, hash, date_trunc('milliseconds', clock_timestamp()) as at`;
  if (head === undefined) throw new Error('no head of the audit log');
  const { seq, at } = head;
  const hash = hashOf(head.hash, tid, seq, at, entry);
  const { action, actor, address, target, before, after } = entry;
  await tx`
    with head as (update audit_heads set hash = ${hash} where tenant_id = ${tid})
    insert into audit_log (tenant_id, seq, at, action, actor, address, target, before, after, hash)
    values (
      ${tid}, ${seq}, ${at}, ${action}, ${actor}, ${address}, ${target},
      ${textOf(before)}::text::jsonb, ${textOf(after)}::text::jsonb, ${hash}
    )`;
}

const textOf = (value: object | null | undefined) => (value ? JSON.stringify(value) : null);

const PAGE = 1_000;

/** What entries have to be, and when they were written, in milliseconds: from `from` up to and without `to`. */
export type AuditFilter = Pick<AuditQuery, 'action' | 'actor' | 'target' | 'from' | 'to'>;

/** Entries behind `after`, oldest first; only some of them when there is a filter. */
export async function readAudit(
  sql: Sql | Transaction,
  tid: string,
  after: number,
  limit: number,
  filter: AuditFilter = {},
): Promise<readonly StoredEntry[]> {
  const { tenantId, ...columns } = getTableColumns(auditLog);
  const { action, actor, target, from, to } = filter;
  const chosen = [
    action === undefined ? undefined : eq(columns.action, action),
    actor === undefined ? undefined : eq(columns.actor, actor),
    target === undefined ? undefined : eq(columns.target, target),
    from === undefined ? undefined : gte(columns.at, new Date(from)),
    to === undefined ? undefined : lt(columns.at, new Date(to)),
  ];
  return db(sql)
    .select(columns)
    .from(auditLog)
    .where(and(eq(tenantId, tid), gt(columns.seq, after), ...chosen))
    .orderBy(columns.seq)
    .limit(limit);
}

export interface ChainCheck {
  readonly entries: number;
  /** The first entry that is not what was written, or is missing; undefined when the chain is whole. */
  readonly brokenAt: number | undefined;
}

/** Reads a tenant's whole log and proves its chain, up to the head. */
export async function verifyAudit(sql: Sql, tid: string): Promise<ChainCheck> {
  const [head] = await db(sql).select().from(auditHeads).where(eq(auditHeads.tenantId, tid));
  let [hash, seq] = [GENESIS, 0];
  for (;;) {
    const page = await readAudit(sql, tid, seq, PAGE);
    for (const entry of page) {
      // Entries that were appended after the head was read are proved next time.
      if (head !== undefined && entry.seq > head.seq) break;
      if (entry.seq !== seq + 1 || entry.hash !== hashOf(hash, tid, entry.seq, entry.at, entry)) {
        return { entries: seq, brokenAt: seq + 1 };
      }
      ({ hash, seq } = entry);
    }
    if (page.length < PAGE || seq === head?.seq) break;
  }
  const intact = head === undefined ? seq === 0 : seq === head.seq && hash === head.hash;
  return { entries: seq, brokenAt: intact ? undefined : seq + 1 };
}
