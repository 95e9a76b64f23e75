/** What the audit log is told of participants. */
import type { Role } from '@messagecore/protocol/features';
import type { Deed } from '../identity/audit-caller.ts';

/** `before` is null for somebody who did not take part. */
export function roleGiven(uid: string, before: Role | null, after: Role): Deed {
  return { action: 'give_role', target: `user:${uid}`, before: { role: before }, after: { role: after } };
}
