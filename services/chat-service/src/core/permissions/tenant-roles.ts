/** Who gives which role in the tenant, and which keys reach those who administer it (ACC-2, TNT-7). Pure. */
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

/** Whether users of this role administer the tenant. */
export const administersTenant = (role: TenantRole): boolean => RANK[role] >= RANK.admin;

/**
 * An API key without the scope `admin` neither makes nor becomes somebody who administers the tenant, as it would have the
 * scope by that, nor changes, shuts out or ends one. `roles`: what is given or taken, of whom is reached or acted for. Throws
 * `forbidden`.
 */
export function checkKeyReaches(key: { readonly administers?: boolean }, ...roles: readonly TenantRole[]): void {
  if (key.administers !== false || !roles.some(administersTenant)) return;
  throw new ChatError(
    'forbidden',
    'the API key lacks the scope admin, without which it does not reach owners and admins',
  );
}
