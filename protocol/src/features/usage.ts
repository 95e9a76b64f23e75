/** Usage: how much a tenant's users send. */
import { z } from 'zod';

const Day = z.iso.date().meta({ description: 'A day by UTC, as 2026-11-28' });

export const UsageQuery = z.object({ from: Day, to: Day }).refine(({ from, to }) => from <= to, {
  path: ['to'],
  message: 'must not be before `from`',
});
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsageDay = z.object({ day: Day, messages: z.int().min(0) }).meta({ id: 'UsageDay' });
export type UsageDay = z.infer<typeof UsageDay>;

export const Usage = z.object({ days: z.array(UsageDay) }).meta({ id: 'Usage' });
