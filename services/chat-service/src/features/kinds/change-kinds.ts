import { randomUUID } from 'node:crypto';
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { KindSchema, TenantKind } from '@messagecore/protocol/features';
import { and, eq, sql as part } from '../../platform/database/drizzle.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis, now } from '../../platform/database/expressions.ts';
import { checkOf } from './check-body.ts';
import { checkLanguage } from './schema-language.ts';
import { messageKinds } from './tables.ts';

const { tenantId, name: nameColumn } = messageKinds;

/** All of a tenant's, by name. */
export async function readKinds(sql: Sql | Transaction, tid: string): Promise<TenantKind[]> {
  return db(sql)
    .select({ kind: nameColumn, schema: messageKinds.schema, changedAt: millis(messageKinds.changedAt) })
    .from(messageKinds)
    .where(eq(tenantId, tid))
    .orderBy(nameColumn)
    .then((rows) => rows.map(({ schema, ...kind }) => ({ ...kind, schema: parsed(schema) })));
}

/** The driver has read it already. */
const parsed = (schema: unknown) => schema as KindSchema;

/** Throws `bad_request` for a schema that is not taken, `too_large` when the tenant has as many kinds as it may. */
export function setKind(sql: Sql, by: Reader, kind: string, schema: KindSchema): Promise<TenantKind> {
  checkLanguage(schema);
  checkOf(schema);
  const { tid } = by;
  return sql.begin(async (tx) => {
    // Of two at the same time, the second counts the first.
    await lockTenant(tx, tid);
    const kinds = await readKinds(tx, tid);
    const before = kinds.find((known) => known.kind === kind);
    if (before === undefined && kinds.length >= LIMITS.kindsPerTenant) {
      throw new ChatError('too_large', `more than ${LIMITS.kindsPerTenant} kinds`);
    }
    const set = { schema: part`${JSON.stringify(schema)}::text::json`, version: randomUUID(), changedAt: now() };
    const [row] = await db(tx)
      .insert(messageKinds)
      .values({ tenantId: tid, name: kind, ...set })
      .onConflictDoUpdate({ target: [tenantId, nameColumn], set })
      .returning({ changedAt: millis(messageKinds.changedAt) });
    if (row === undefined) throw new Error('no kind was stored');
    const change = { before: before && { schema: before.schema }, after: { schema } };
    await auditCaller(tx, by, { action: 'set_message_kind', target: `message-kind:${kind}`, ...change });
    return { kind, schema, ...row };
  });
}

/** Doing it again changes nothing. */
export function removeKind(sql: Sql, by: Reader, kind: string): Promise<void> {
  return sql.begin(async (tx) => {
    const [before] = await db(tx)
      .delete(messageKinds)
      .where(and(eq(tenantId, by.tid), eq(nameColumn, kind)))
      .returning({ schema: messageKinds.schema });
    if (before === undefined) return;
    const deed = { target: `message-kind:${kind}`, before: { schema: parsed(before.schema) } };
    await auditCaller(tx, by, { action: 'remove_message_kind', ...deed });
  });
}
