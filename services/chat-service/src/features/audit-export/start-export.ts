import { ChatError } from '@messagecore/protocol';
import { and, eq, inArray } from '../../platform/database/drizzle.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import { auditHeads } from '../../platform/audit/tables.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import { sagas } from '../../platform/sagas/tables.ts';
import { EXPORT_LOG, type ExportState } from './export-log.saga.ts';

const OPEN = ['running', 'compensating'] as const;

/** Who asks, and from which address. */
export interface By {
  readonly actor: string;
  readonly address: string;
}

/**
 * Has everything that the log says now exported, and writes that down in the log. Returns the saga's id. Throws `not_found`
 * for a tenant without a log, and `conflict` while another export of it is under way.
 */
export function startExport(sql: Sql, saga: SagaKind<ExportState>, by: By, tid: string): Promise<string> {
  return sql.begin(async (tx) => {
    // Locked: of two at the same time the second one sees the first.
    const [head] = await db(tx).select().from(auditHeads).where(eq(auditHeads.tenantId, tid)).for('update');
    if (head === undefined) throw new ChatError('not_found', 'no such tenant');
    const underWay = and(eq(sagas.tenantId, tid), eq(sagas.kind, EXPORT_LOG), inArray(sagas.status, OPEN));
    const [busy] = await db(tx).select({ id: sagas.id }).from(sagas).where(underWay).limit(1);
    if (busy !== undefined) throw new ChatError('conflict', 'an export of this log is under way');
    const { seq: upTo } = head;
    const id = await startSaga(tx, saga, { tid, subject: tid, state: { tid, upTo, part: 1 }, total: upTo });
    await appendAudit(tx, tid, { ...by, action: 'export_audit_log', target: `tenant:${tid}`, after: { upTo } });
    return id;
  });
}
