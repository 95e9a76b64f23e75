/** The audit log of a tenant: who did what to it, from where. */
import { z } from 'zod';
import { Millis, storable, TenantId } from '../wire/ids.ts';
import { numeral } from '../wire/numeral.ts';
import { PageQuery } from './common.ts';

const State = z.record(z.string(), z.unknown()).nullable();

export const AuditEntry = z
  .object({
    seq: z.int().min(1),
    at: Millis,
    action: z.string(),
    actor: z.string(),
    address: z.string(),
    target: z.string(),
    before: State,
    after: State,
    hash: z.string().meta({ description: 'SHA-256 over the entry and the hash of the one before it' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

const exactly = storable().min(1).max(200).optional();

/** Only entries with exactly this action, actor or target, and of this time: from `from` up to and without `to`. */
export const AuditQuery = PageQuery.extend({
  ...{ action: exactly, actor: exactly, target: exactly },
  ...{ from: numeral(Millis).optional(), to: numeral(Millis).optional() },
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditVerdict = z
  .object({
    entries: z.int().min(0).meta({ description: 'Entries that are proved' }),
    brokenAt: z.int().nullable().meta({ description: 'The first entry that is missing or is not what was written' }),
  })
  .meta({ id: 'AuditVerdict' });

export const AuditExport = z
  .object({
    exportId: z.uuid(),
    status: z.enum(['running', 'done', 'failed']),
    entries: z.int().min(0).meta({ description: 'Entries that are written' }),
    total: z.int().min(0).meta({ description: 'The last entry when the export was asked for' }),
    parts: z.int().min(0).meta({ description: 'Files, counted from 1, in the order of the entries' }),
    error: z.string().nullable(),
    createdAt: Millis,
    expiresAt: Millis.meta({ description: 'From then on the parts are deleted' }),
  })
  .meta({ id: 'AuditExport' });
export type AuditExport = z.infer<typeof AuditExport>;

/** Of a path that names an export. */
export const AuditExportParams = z.object({ id: TenantId, exportId: z.uuid().toLowerCase() });
