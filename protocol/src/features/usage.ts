/** Usage: how much a tenant uses of what its plan allows. */
import { z } from 'zod';
import { TenantId } from '../wire/ids.ts';
import { Plan, RETENTION_NOTE, STORAGE_NOTE, TenantParams } from './tenants.ts';

const Day = z.iso.date().meta({ description: 'A day by UTC, as 2026-11-28' });
const Month = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month, as 2026-11')
  .meta({ description: 'A month by UTC, as 2026-11' });
const count = z.int().min(0);

export const UsageQuery = z.object({ from: Day, to: Day }).refine(({ from, to }) => from <= to, {
  path: ['to'],
  message: 'must not be before `from`',
});
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsageDay = z
  .object({
    day: Day,
    messages: count,
    activeUsers: count.meta({ description: 'Users who have sent something on this day' }),
    users: count.meta({ description: 'Users at their most' }),
    peakConnections: count.meta({ description: 'Sessions at the same time, at their most' }),
    storageBytes: count.meta({ description: STORAGE_NOTE }),
  })
  .meta({ id: 'UsageDay' });
export type UsageDay = z.infer<typeof UsageDay>;

export const Usage = z.object({ days: z.array(UsageDay) }).meta({ id: 'Usage' });

/** Of what there is a quota. */
export const QuotaResource = z.enum(['users', 'messages', 'storageBytes', 'connections']).meta({ id: 'QuotaResource' });
export type QuotaResource = z.infer<typeof QuotaResource>;

/** So much of a quota is used that the tenant is told. */
export const NoticePercent = z.union([z.literal(80), z.literal(100)]).meta({ id: 'NoticePercent' });
export type NoticePercent = z.infer<typeof NoticePercent>;

export const QuotaUsage = z
  .object({
    current: count,
    limit: count.nullable().meta({ description: 'null: without limit' }),
    percentage: z.number().min(0).nullable().meta({ description: 'Rounded down to a tenth; null without limit' }),
  })
  .meta({ id: 'QuotaUsage' });
export type QuotaUsage = z.infer<typeof QuotaUsage>;

export const CurrentUsage = z
  .object({
    tenantId: TenantId,
    plan: Plan,
    month: Month,
    retentionDays: count.nullable().meta({ description: RETENTION_NOTE }),
    sendsPerSecond: count
      .nullable()
      .meta({ description: 'What the tenant may send a second, in bursts of ten times as many' }),
    users: QuotaUsage,
    messages: QuotaUsage.meta({ description: 'Of this month' }),
    storageBytes: QuotaUsage.meta({ description: STORAGE_NOTE }),
    connections: QuotaUsage,
    notices: z
      .array(z.object({ resource: QuotaResource, percent: NoticePercent, at: z.int() }))
      .meta({ description: 'What the tenant was told this month, each once' }),
  })
  .meta({ id: 'CurrentUsage' });
export type CurrentUsage = z.infer<typeof CurrentUsage>;

export const UsageMonthParams = TenantParams.extend({ month: Month });

/** A line of an invoice: how much the plan includes, and how much was used beyond that. */
const InvoiceLine = z
  .object({ resource: QuotaResource, used: count, included: count.nullable(), overage: count })
  .meta({ id: 'InvoiceLine' });

export const UsageMonth = z
  .object({
    tenantId: TenantId,
    month: Month,
    plan: Plan.meta({ description: 'As last seen in the month' }),
    closed: z.boolean().meta({ description: 'The month is over: nothing is added any more' }),
    lines: z.array(InvoiceLine),
    activeUsers: count.meta({ description: 'Users who have sent something in the month' }),
  })
  .meta({ id: 'UsageMonth' });
export type UsageMonth = z.infer<typeof UsageMonth>;
