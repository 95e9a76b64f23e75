import { Bookmark, BookmarkState, SetBookmark } from './bookmarks.ts';
import { PageQuery, pageOf } from './common.ts';
import { MessageParams } from './messages.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Bookmarks', access: 'user' } as const;
const setting = { ...shared, scope: 'messages:write', cost: { sends: 1 }, laned: true } as const;

export const setBookmark = defineOperation({
  ...setting,
  name: 'bookmarks.set',
  summary: 'Make a bookmark of a message, or change its note',
  method: 'PUT',
  path: '/v1/conversations/:cid/messages/:seq/bookmark',
  params: MessageParams,
  input: SetBookmark,
  result: BookmarkState,
});

export const removeBookmark = defineOperation({
  ...setting,
  name: 'bookmarks.remove',
  summary: 'Remove a bookmark',
  method: 'DELETE',
  path: '/v1/conversations/:cid/messages/:seq/bookmark',
  params: MessageParams,
  result: BookmarkState,
});

export const listBookmarks = defineOperation({
  ...shared,
  name: 'bookmarks.list',
  summary: 'List one’s bookmarks, the newest first',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/bookmarks',
  input: PageQuery,
  result: pageOf(Bookmark),
  cost: 'page',
  laned: false,
});
