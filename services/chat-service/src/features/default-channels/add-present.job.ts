import { addParticipants } from '../../core/conversations/add-participants.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { DefaultChannelsDeps } from './deps.ts';
import { FIRST, findNewcomers } from './find-newcomers.ts';
import { readDefaultChannels } from './read-default-channels.ts';

export const ADD_PRESENT = 'add present users to default channel';

/** Users whom one run adds, named by one `sys` message. */
const PIECE = 200;

export interface Progress {
  readonly cid: string;
  /** The last user who was looked at. */
  readonly after: string | null;
}

/** Adds the present users of a tenant to a new default channel, a piece a run, as long as it is one and is there. */
export function addPresent({ conversations }: DefaultChannelsDeps): JobKind {
  return {
    kind: ADD_PRESENT,
    async run(tx, { tid, payload }) {
      const { cid, after } = payload as Progress;
      const channels = await readDefaultChannels(tx, tid);
      if (!channels.some(({ conversation }) => conversation.cid === cid)) return;
      const users = await findNewcomers(tx, { tid, cid, from: after ?? FIRST, limit: PIECE });
      const last = users.at(-1);
      if (last === undefined) return;
      await addParticipants(conversations, { tid, uid: undefined }, cid, { users, role: 'member' });
      await enqueue(tx, { kind: ADD_PRESENT, tid, payload: { cid, after: last } satisfies Progress });
    },
  };
}
