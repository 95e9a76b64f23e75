import { ChatError } from '@messagecore/protocol';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import { EXPORT_LOG, type ExportState } from './export-log.saga.ts';

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
    const [head] = await tx<{ seq: number; busy: boolean }[]>`
      select seq, exists (
        select from sagas where tenant_id = ${tid} and kind = ${EXPORT_LOG} and status in ('running', 'compensating')
      ) as busy
      from audit_heads where tenant_id = ${tid}`;
    if (head === undefined) throw new ChatError('not_found', 'no such tenant');
    if (head.busy) throw new ChatError('conflict', 'an export of this log is under way');
    const { seq: upTo } = head;
    const id = await startSaga(tx, saga, { tid, subject: tid, state: { tid, upTo, part: 1 }, total: upTo });
    await appendAudit(tx, tid, { ...by, action: 'export_audit_log', target: `tenant:${tid}`, after: { upTo } });
    return id;
  });
}
