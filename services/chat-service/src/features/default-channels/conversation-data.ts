import { eq } from '../../platform/database/drizzle.ts';
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import { db } from '../../platform/database/db.ts';
import { defaultChannels } from './tables.ts';

/** The one row of a channel. */
export const defaultChannelData: ConversationData = {
  name: 'default channel',
  async purge(tx, cid) {
    const { count } = await db(tx).delete(defaultChannels).where(eq(defaultChannels.conversationId, cid));
    return count;
  },
};
