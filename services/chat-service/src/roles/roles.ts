/** What a process of this service does. Each role has a start file here; `app.ts` starts those that are asked for. */
import { z } from 'zod';

/**
 * `api` answers REST, `rpc` answers gateways, `relay` publishes what stayed in the outbox and guards the stream, `workers`
 * run the consumers of the stream, `jobs` runs jobs, schedules and sagas.
 */
export const ROLES = ['api', 'rpc', 'relay', 'workers', 'jobs'] as const;
export type Role = (typeof ROLES)[number];

const Names = z.array(z.enum(ROLES)).min(1);

/** For `z.transform`: `all`, or roles separated by commas. */
export function roleList(text: string, context: z.RefinementCtx): ReadonlySet<Role> {
  if (text === 'all') return new Set(ROLES);
  const parsed = Names.safeParse(text.split(',').map((name) => name.trim()));
  if (parsed.success) return new Set(parsed.data);
  context.addIssue({ code: 'custom', message: `must be all, or some of ${ROLES.join(',')}` });
  return z.NEVER;
}
