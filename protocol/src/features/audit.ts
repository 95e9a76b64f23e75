/** The audit log of a tenant: who did what to it, from where. */
import { z } from 'zod';
import { Millis } from '../wire/ids.ts';

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
