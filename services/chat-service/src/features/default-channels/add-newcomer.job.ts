import { addParticipants } from '../../core/conversations/add-participants.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { DefaultChannelsDeps } from './deps.ts';
import { findNewcomers } from './find-newcomers.ts';
import { readDefaultChannels } from './read-default-channels.ts';

/** Adds a user who has come to the default channels of the tenant. A trigger on `users` enqueues it (0034_directory.sql). */
export function addNewcomer({ conversations }: DefaultChannelsDeps): JobKind {
  return {
    kind: 'add newcomer to default channels',
    async run(tx, { tid, payload }) {
      const { uid } = payload as { readonly uid: string };
      for (const { conversation } of await readDefaultChannels(tx, tid)) {
        const { cid } = conversation;
        const users = await findNewcomers(tx, { tid, cid, from: uid, to: uid, limit: 1 });
        if (users.length > 0) {
          await addParticipants(conversations, { tid, uid: undefined }, cid, { users, role: 'member' });
        }
      }
    },
  };
}
