/** Users, and the tokens with which they come. */
import { pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { CreateToken, MergeUser, Token, UpdateUser, User, UserParams, UsersQuery } from './users.ts';

const shared = { tag: 'Users', laned: false } as const;

export const createToken = defineOperation({
  ...shared,
  name: 'tokens.create',
  summary: 'Mint a token for a user, who is created at first use',
  access: 'backend',
  scope: 'tokens:write',
  method: 'POST',
  path: '/v1/tokens',
  input: CreateToken,
  result: Token,
  creates: 'always',
  cost: 'none',
  rate: 'tokensPerIp',
});

export const listUsers = defineOperation({
  ...shared,
  name: 'users.list',
  summary: 'List the tenant’s users; guests see whom they share a conversation with',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users',
  input: UsersQuery,
  result: pageOf(User),
  cost: 'page',
  rate: 'searchesPerIp',
});

export const getOneself = defineOperation({
  ...shared,
  name: 'users.me',
  summary: 'Read oneself',
  access: 'user',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/me',
  result: User,
  cost: 'turn',
});

export const getUser = defineOperation({
  ...shared,
  name: 'users.get',
  summary: 'Read a user',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/users/:user',
  params: UserParams,
  result: User,
  cost: 'turn',
});

export const updateOneself = defineOperation({
  ...shared,
  name: 'users.updateMe',
  summary: 'Change one’s own name and profile',
  access: 'user',
  scope: 'users:write',
  method: 'PATCH',
  path: '/v1/users/me',
  input: UpdateUser,
  result: User,
  cost: { sends: 1 },
});

export const updateUser = defineOperation({
  ...shared,
  name: 'users.update',
  summary:
    'Change a user’s name and profile, give it a role in the tenant, deactivate it, or let it in again; users may change their own name and profile',
  access: 'tenant',
  scope: 'users:write',
  method: 'PATCH',
  path: '/v1/users/:user',
  params: UserParams,
  input: UpdateUser,
  result: User,
  cost: { sends: 1 },
});

/** No limit of a user counts it: users are refused. */
export const eraseUser = defineOperation({
  ...shared,
  name: 'users.erase',
  summary: 'Erase a user; the messages stay under a placeholder name',
  access: 'tenant',
  scope: 'users:write',
  method: 'DELETE',
  path: '/v1/users/:user',
  params: UserParams,
  cost: 'none',
});

/** No limit of a user counts it: users have no part in it. */
export const mergeUser = defineOperation({
  ...shared,
  name: 'users.merge',
  summary: 'Merge a user into another, who takes over conversations, positions, roles and relations',
  access: 'backend',
  scope: 'users:write',
  method: 'POST',
  path: '/v1/users/:user/merge',
  params: UserParams,
  input: MergeUser,
  result: User,
  cost: 'none',
});
