/** Bookmarks: messages that a user keeps at hand, with notes (MSG-8). */
import type { ConversationData } from '../../core/conversations/conversation-data.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bookmarksOfConversation, bookmarksOfUser } from './bookmark-data.ts';
import { bindBookmarks } from './bookmark-operations.ts';
import { mergeBookmarks } from './merge-bookmarks.ts';
import type { BookmarkDeps } from './set-bookmark.ts';

export interface Bookmarks {
  readonly operations: readonly BoundOperation[];
  readonly userData: readonly UserData[];
  readonly conversationData: readonly ConversationData[];
  readonly mergeParts: readonly MergePart[];
}

export function createBookmarks(deps: BookmarkDeps): Bookmarks {
  return {
    operations: bindBookmarks(deps),
    userData: [bookmarksOfUser],
    conversationData: bookmarksOfConversation,
    mergeParts: [mergeBookmarks],
  };
}
