import { TenantRole } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { checkKeyReaches, checkMayGiveTenantRole } from './tenant-roles.ts';

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

test.each(TenantRole.options)(
  '[TNT-7] a key reaches a %s with the scope admin, or where that is no owner or admin',
  (role) => {
    const reaches = (key: Parameters<typeof checkKeyReaches>[0]) => {
      try {
        checkKeyReaches(key, 'member', role);
        return true;
      } catch {
        return false;
      }
    };
    const isOrdinary = role !== 'owner' && role !== 'admin';
    expect([reaches({}), reaches({ administers: true }), reaches({ administers: false })]).toEqual([
      true,
      true,
      isOrdinary,
    ]);
  },
);
