/** Who gives which role in the tenant (ACC-2). Pure. */
import { ChatError } from '@messagecore/protocol';
import { type TenantRole } from '@messagecore/protocol/features';

const RANK: Readonly<Record<TenantRole | 'service', number>> = {
  ...{ guest: 0, bot: 1, member: 1, moderator: 2 },
  ...{ admin: 3, owner: 4, service: 5 },
};

/**
 * The owners, admins and the back end give roles, none above their own, to none who stands above them. Throws
 * `forbidden`.
 */
export function checkMayGiveTenantRole(giver: TenantRole | 'service', current: TenantRole, role: TenantRole): void {
  const refuse = (detail: string): never => {
    throw new ChatError('forbidden', detail);
  };
  if (RANK[giver] < RANK.admin) refuse('only the owners and admins of the tenant give roles in it');
  if (RANK[giver] < RANK[role]) refuse('nobody gives a role above their own');
  if (RANK[giver] < RANK[current]) refuse(`${giver} does not stand above ${current}`);
}
