import { TenantRole } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { checkMayGiveTenantRole } from './tenant-roles.ts';

const GIVERS = [...TenantRole.options, 'service'] as const;

/** Who may give `role` to somebody who has `current`. */
function givers(current: TenantRole, role: TenantRole): string[] {
  return GIVERS.filter((giver) => {
    try {
      checkMayGiveTenantRole(giver, current, role);
      return true;
    } catch {
      return false;
    }
  });
}

test.each(TenantRole.options.flatMap((current) => TenantRole.options.map((role) => [current, role] as const)))(
  '[PERM-11] a %s is made a %s by the back end and owners, and by admins where neither is an owner',
  (current, role) => {
    const isOfOwners = current === 'owner' || role === 'owner';
    expect(givers(current, role)).toEqual(isOfOwners ? ['owner', 'service'] : ['owner', 'admin', 'service']);
  },
);
