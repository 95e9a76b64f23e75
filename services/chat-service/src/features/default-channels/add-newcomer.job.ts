import { addParticipants } from '../../core/conversations/add-participants.ts';
import type { OnUserChange } from '../../core/users/extensions.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { DefaultChannelsDeps } from './deps.ts';
import { findNewcomers } from './find-newcomers.ts';
import { readDefaultChannels } from './read-default-channels.ts';

const KIND = 'add newcomer to default channels';

/** A user who is new, let in again, or of another role: has it added, where the tenant has default channels. */
export const enqueueNewcomer: OnUserChange = async (tx, { tid, uid }) => {
  if ((await readDefaultChannels(tx, tid)).length > 0) await enqueue(tx, { kind: KIND, tid, payload: { uid } });
};

/** Adds a user to the default channels of the tenant. */
export function addNewcomer({ conversations }: DefaultChannelsDeps): JobKind {
  return {
    kind: KIND,
    async effect(sql, { tid, payload }) {
      const { uid } = payload as { readonly uid: string };
      for (const { conversation } of await readDefaultChannels(sql, tid)) {
        const { cid } = conversation;
        const users = await findNewcomers(sql, { tid, cid, from: uid, to: uid, limit: 1 });
        if (users.length > 0) {
          await addParticipants(conversations, { tid, uid: undefined }, cid, { users, role: 'member' });
        }
      }
    },
  };
}
