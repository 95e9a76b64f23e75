/**
 * The tamper-evident log of administrative and security actions (COMP-1).
 *
 * Invariant: an entry is written in the transaction of what it tells, so neither exists without the other; entries of a
 * tenant are numbered without a hole, and each one's hash covers the one before it.
 */
import { and, eq, getTableColumns, gt, gte, lt } from '../database/drizzle.ts';
import type { AuditQuery } from '@messagecore/protocol/features';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { type AuditEntry, GENESIS, hashOf, type StoredEntry } from './entry.ts';
import { auditHeads, auditLog } from './tables.ts';

/** Appends to the log of a tenant. Takes a lock that others who append to the same log wait for: call it last. */
export function appendAudit(tx: Transaction, tid: string, entry: AuditEntry): Promise<void> {
  return appendAudits(tx, tid, [entry]);
}

/**
 * The same with several entries, in their order, under one lock.
 *
 * Raw SQL: the numbers and the time in one statement, the entries and the head in another.
 */
export async function appendAudits(tx: Transaction, tid: string, entries: readonly AuditEntry[]): Promise<void> {
  const { length } = entries;
  if (length === 0) return;
  const [head] = await tx<{ seq: number; hash: string; at: Date }[]>`
    insert into audit_heads (tenant_id, seq, hash) values (${tid}, ${length}, ${GENESIS})
    on conflict (tenant_id) do update set seq = audit_heads.seq + ${length}
    returning seq, hash, date_trunc('milliseconds', clock_timestamp()) as at`;
  if (head === undefined) throw new Error('no head of the audit log');
  const { at } = head;
  let { hash } = head;
  const rows = entries.map(({ before, after, ...entry }, n) => {
    const seq = head.seq - length + n + 1;
    hash = hashOf(hash, tid, seq, at, { ...entry, before, after });
    return { ...entry, seq, hash, before: textOf(before), after: textOf(after) };
  });
  const column = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name] as string | null);
  await tx`
    with head as (update audit_heads set hash = ${hash} where tenant_id = ${tid})
    insert into audit_log (tenant_id, at, seq, action, actor, address, target, before, after, hash)
    select ${tid}, ${at}, seq, action, actor, address, target, before::jsonb, after::jsonb, hash
    from unnest(
      ${rows.map(({ seq }) => seq)}::bigint[], ${column('action')}::text[], ${column('actor')}::text[],
      ${column('address')}::text[], ${column('target')}::text[], ${column('before')}::text[],
      ${column('after')}::text[], ${column('hash')}::text[]
    ) as entry (seq, action, actor, address, target, before, after, hash)`;
}

const textOf = (value: object | null | undefined) => (value ? JSON.stringify(value) : null);

/** The number of a tenant's last entry: in the transaction that appended one, that one's. 0 without any. */
export async function lastAuditSeq(tx: Transaction, tid: string): Promise<number> {
  const [head] = await db(tx).select({ seq: auditHeads.seq }).from(auditHeads).where(eq(auditHeads.tenantId, tid));
  return head?.seq ?? 0;
}

export async function readAuditEntry(sql: Sql, tid: string, seq: number): Promise<StoredEntry | undefined> {
  const { tenantId, ...columns } = getTableColumns(auditLog);
  const [entry] = await db(sql)
    .select(columns)
    .from(auditLog)
    .where(and(eq(tenantId, tid), eq(columns.seq, seq)));
  return entry;
}

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
