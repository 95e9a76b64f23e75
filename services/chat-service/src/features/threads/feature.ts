/** Threads: what is known of the replies to one message, who follows them, and up to where they were read (MSG-5). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { HistoryPart } from '../../core/messages/extensions.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { ThreadDeps } from './set-thread.ts';
import { threadMembersOfUser, threadRows } from './thread-data.ts';
import { threadsOfPage } from './threads-of-page.ts';
import { bindThreads } from './threads-operations.ts';

export interface Threads {
  readonly operations: readonly BoundOperation[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
  readonly historyParts: readonly HistoryPart[];
}

export function createThreads(deps: ThreadDeps): Threads {
  return {
    operations: bindThreads(deps),
    userData: [threadMembersOfUser],
    conversationData: threadRows,
    historyParts: [threadsOfPage],
  };
}
