import { and, eq, gt } from '../../platform/database/drizzle.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import { appendAudits } from '../../platform/audit/audit-log.ts';
import { db } from '../../platform/database/db.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { giveRoles } from './give-roles.ts';
import { scimMembers } from './tables.ts';

export const GIVE_ROLES = 'give roles of groups';

/** Members whom one run looks at: others wait for the lock of the tenant as long. */
const PIECE = 1_000;

export interface Progress {
  /** The last member who was looked at. */
  readonly after: string | null;
}

/** After a change of the settings members of groups get their new roles, a piece a run. */
export const giveRolesJob: JobKind = {
  kind: GIVE_ROLES,
  async run(tx, { tid, payload }) {
    const { after } = payload as Progress;
    const members = await db(tx)
      .selectDistinct({ uid: scimMembers.userId })
      .from(scimMembers)
      .where(and(eq(scimMembers.tenantId, tid), after === null ? undefined : gt(scimMembers.userId, after)))
      .orderBy(scimMembers.userId)
      .limit(PIECE);
    const uids = members.map(({ uid }) => uid);
    const last = uids.at(-1);
    if (last === undefined) return;
    // A deletion can be taken back.
    await lockTenant(tx, tid, { alsoDeleted: true });
    await appendAudits(tx, tid, await giveRoles(tx, { tid, address: '' }, uids));
    await enqueue(tx, { kind: GIVE_ROLES, tid, payload: { after: last } satisfies Progress });
  },
};
