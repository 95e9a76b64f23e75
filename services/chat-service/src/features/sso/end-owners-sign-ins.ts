import { LIMITS } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { OnUserChange } from '../../core/users/extensions.ts';
import { users } from '../../core/users/tables.ts';
import { db } from '../../platform/database/db.ts';
import type { SsoPorts } from './ports.ts';
import { identityProviders } from './tables.ts';

/** Of whoever is an owner now, sign-ins by providers that the tenant keeps end: an admin who is no owner may have begun them. */
export function endOwnersSignIns({ endSignInsBy }: Pick<SsoPorts, 'endSignInsBy'>): OnUserChange {
  return async (tx, { tid, uid }) => {
    const { id, tenantId, keptBy } = identityProviders;
    const providers = await db(tx)
      .select({ id })
      .from(identityProviders)
      .innerJoin(users, and(eq(users.tenantId, tenantId), eq(users.id, uid), eq(users.role, 'owner')))
      .where(and(eq(tenantId, tid), eq(keptBy, 'tenant')));
    const most = LIMITS.devicesPerUser;
    for (const provider of providers) {
      while ((await endSignInsBy(tx, { tid, uid, providerId: provider.id }, most)) === most);
    }
  };
}
