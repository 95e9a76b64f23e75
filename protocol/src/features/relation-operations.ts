/** Blocking and following other users. */
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { BlockedUser, FollowCounts } from './relations.ts';
import { User, UserParams } from './users.ts';

const shared = { tag: 'Users', laned: false } as const;

export const listBlocks = defineOperation({
  ...shared,
  name: 'blocks.list',
  summary: 'List the users whom one has blocked',
  access: 'user',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/me/blocks',
  input: PageQuery,
  result: pageOf(BlockedUser),
  cost: 'page',
});

export const addBlock = defineOperation({
  ...shared,
  name: 'blocks.add',
  summary: 'Block a user: no dm, no invitation, no following',
  access: 'user',
  scope: 'users:write',
  method: 'PUT',
  path: '/v1/users/me/blocks/:user',
  params: UserParams,
  cost: { sends: 1 },
});

export const removeBlock = defineOperation({
  ...shared,
  name: 'blocks.remove',
  summary: 'Unblock a user',
  access: 'user',
  scope: 'users:write',
  method: 'DELETE',
  path: '/v1/users/me/blocks/:user',
  params: UserParams,
  cost: { sends: 1 },
});

export const follow = defineOperation({
  ...shared,
  name: 'follows.add',
  summary: 'Follow a user',
  access: 'user',
  scope: 'users:write',
  method: 'PUT',
  path: '/v1/users/me/following/:user',
  params: UserParams,
  cost: { sends: 1 },
});

export const unfollow = defineOperation({
  ...shared,
  name: 'follows.remove',
  summary: 'Follow a user no more',
  access: 'user',
  scope: 'users:write',
  method: 'DELETE',
  path: '/v1/users/me/following/:user',
  params: UserParams,
  cost: { sends: 1 },
});

export const countFollows = defineOperation({
  ...shared,
  name: 'follows.count',
  summary: 'Count who follows a user and whom the user follows',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/:user/follows',
  params: UserParams,
  result: FollowCounts,
  cost: 'turn',
});

export const listFollowers = defineOperation({
  ...shared,
  name: 'follows.followers',
  summary: 'List who follows a user',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/:user/followers',
  params: UserParams,
  input: PageQuery,
  result: pageOf(User),
  cost: 'page',
});

export const listFollowing = defineOperation({
  ...shared,
  name: 'follows.following',
  summary: 'List whom a user follows',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/:user/following',
  params: UserParams,
  input: PageQuery,
  result: pageOf(User),
  cost: 'page',
});
