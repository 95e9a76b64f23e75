import { bookmarkOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';
import { listBookmarks } from './list-bookmarks.ts';
import { type BookmarkDeps, removeBookmark, setBookmark } from './set-bookmark.ts';

export function bindBookmarks(deps: BookmarkDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.setBookmark, (user, { note = null, ...message }) =>
      setBookmark(deps, user, message, note),
    ),
    bindOperation(operations.removeBookmark, (user, message) => removeBookmark(deps, user, message)),
    bindOperation(
      operations.listBookmarks,
      async (user, page) => new ReadyJson(await listBookmarks(deps.sql, user, page)),
    ),
  ];
}
