import { and, eq } from '../../platform/database/drizzle.ts';
import type { UserData } from '../../core/users/user-data.ts';
import { db } from '../../platform/database/db.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { presenceChoices } from './tables.ts';

/** What the user has chosen, and when the user was last there. While Redis is away it is tried again. */
export const presenceData = (store: Pick<PresenceStore, 'forget'>): UserData => ({
  name: 'presence',
  async erase(tx, { tid, uid }) {
    await store.forget(tid, uid);
    const { userId, tenantId } = presenceChoices;
    const { count } = await db(tx)
      .delete(presenceChoices)
      .where(and(eq(userId, uid), eq(tenantId, tid)));
    return count;
  },
});
