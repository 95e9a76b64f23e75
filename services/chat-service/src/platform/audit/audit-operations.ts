import {
  type AuditEntry,
  auditOperations as operations,
  type AuditQuery,
  type Page,
} from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { decodeCursor, pageOf } from '../http/cursor.ts';
import { bindOperation, type BoundOperation } from '../operations/carry-out.ts';
import { readAudit, verifyAudit } from './audit-log.ts';
import { viewOf } from './entry-view.ts';

const Position = z.tuple([z.int()]);

export function bindAudit(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.listAudit, (_, { id, ...query }) => list(sql, id, query)),
    bindOperation(operations.listOwnAudit, async ({ tid }, query) => {
      const { items, next } = await list(sql, tid, query);
      return { items: items.map(withoutOperator), next };
    }),
    bindOperation(operations.verifyAudit, async (_, { id }) => {
      const { entries, brokenAt = null } = await verifyAudit(sql, id);
      return { entries, brokenAt };
    }),
  ];
}

async function list(sql: Sql, tid: string, { cursor, limit, ...filter }: AuditQuery): Promise<Page<AuditEntry>> {
  const after = decodeCursor(cursor, Position)?.[0] ?? 0;
  const rows = await readAudit(sql, tid, after, limit + 1, filter);
  const { items, next } = pageOf(rows, limit, (last) => [last.seq]);
  return { items: items.map(viewOf), next };
}

/** From where the operator works is not for tenants. */
function withoutOperator(entry: AuditEntry): AuditEntry {
  return entry.actor === 'operator' ? { ...entry, address: '' } : entry;
}
