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
  /** The last user who was looked at; null for the beginning, which waits once for each channel, and looks at nobody yet. */
  readonly after: string | null;
}

/** Adds the present users of a tenant to a new default channel, a piece a run, as long as it is one and is there. */
export function addPresent({ conversations }: DefaultChannelsDeps): JobKind {
  return {
    kind: ADD_PRESENT,
    async effect(sql, { tid, payload }): Promise<string | undefined> {
      const { cid, after } = payload as Progress;
      if (after === null) return FIRST;
      const channels = await readDefaultChannels(sql, tid);
      if (!channels.some(({ conversation }) => conversation.cid === cid)) return undefined;
      const users = await findNewcomers(sql, { tid, cid, from: after, limit: PIECE });
      if (users.length > 0) {
        await addParticipants(conversations, { tid, uid: undefined }, cid, { users, role: 'member' });
      }
      return users.at(-1);
    },
    async run(tx, { tid, payload }, last) {
      if (last === undefined) return;
      const { cid } = payload as Progress;
      await enqueue(tx, { kind: ADD_PRESENT, tid, payload: { cid, after: last as string } satisfies Progress });
    },
  };
}
