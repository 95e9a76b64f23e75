/** The deletion of a tenant with everything that it has: how far it is. */
import { z } from 'zod';
import { Millis, TenantId } from '../wire/ids.ts';

const QUARTER_HOURS = 90 * 24;

export const StartDeletion = z
  .object({
    graceHours: z
      .number()
      .min(0)
      .max(QUARTER_HOURS)
      .default(7 * 24)
      .meta({ description: 'How long everything is kept, and the deletion can be taken back' }),
  })
  .meta({ id: 'StartDeletion' });

export const TenantDeletion = z
  .object({
    tenantId: TenantId,
    status: z
      .enum(['waiting', 'running', 'done'])
      .meta({ description: '`waiting` until the time of grace is over; only then can it be taken back' }),
    step: z.string().nullable().meta({ description: 'What is deleted just now' }),
    progress: z.int().min(0).meta({ description: 'Rows, files and keys that are deleted' }),
    error: z.string().nullable(),
    requestedAt: Millis,
    startsAt: Millis.meta({ description: 'The end of the time of grace' }),
    updatedAt: Millis,
  })
  .meta({ id: 'TenantDeletion' });
export type TenantDeletion = z.infer<typeof TenantDeletion>;
