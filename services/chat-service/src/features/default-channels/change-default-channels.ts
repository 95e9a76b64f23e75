import { ChatError, LIMITS } from '@messagecore/protocol';
import type { DefaultChannel } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import { ADD_PRESENT, type Progress } from './add-present.job.ts';
import { readDefaultChannels } from './read-default-channels.ts';
import { defaultChannels } from './tables.ts';

/**
 * Has every user added to the channel, those of now by a job. Doing it again adds those who left. Throws `not_found`,
 * `conflict` for what is no channel, `too_large`.
 */
export function addDefaultChannel(sql: Sql, by: Reader, cid: string): Promise<DefaultChannel> {
  const { tid } = by;
  return sql.begin(async (tx) => {
    const { kind } = await readSituation(tx, { tid, uid: undefined }, cid);
    if (kind !== 'public' && kind !== 'private') throw new ChatError('conflict', `a ${kind} is no channel`);
    // Whoever is created before is among those of now, and whoever is created after finds the channel.
    await lockTenant(tx, tid);
    await db(tx).insert(defaultChannels).values({ tenantId: tid, conversationId: cid }).onConflictDoNothing();
    const channels = await readDefaultChannels(tx, tid);
    if (channels.length > LIMITS.defaultChannels) {
      throw new ChatError('too_large', `more than ${LIMITS.defaultChannels} default channels`);
    }
    const payload: Progress = { cid, after: null };
    await enqueue(tx, { kind: ADD_PRESENT, tid, payload, key: cid });
    await audit(tx, by, 'add', cid);
    const added = channels.find(({ conversation }) => conversation.cid === cid);
    if (added === undefined) throw new ChatError('not_found', 'no such conversation');
    return added;
  });
}

/** Throws `not_found`. */
export function removeDefaultChannel(sql: Sql, by: Reader, cid: string): Promise<void> {
  const { tid } = by;
  return sql.begin(async (tx) => {
    const { count } = await db(tx)
      .delete(defaultChannels)
      .where(and(eq(defaultChannels.tenantId, tid), eq(defaultChannels.conversationId, cid)));
    if (count === 0) throw new ChatError('not_found', 'no such default channel');
    await audit(tx, by, 'remove', cid);
  });
}

function audit(tx: Transaction, by: Reader, verb: 'add' | 'remove', cid: string): Promise<void> {
  return auditCaller(tx, by, { action: `${verb}_default_channel`, target: `conversation:${cid}` });
}
