/** Groups of a tenant's users, which messages mention. Admins of the tenant make them, everybody sees them. */
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { ChangeGroupMembers, NewUserGroup, UserGroup, UserGroupParams } from './user-groups.ts';
import { User } from './users.ts';

const shared = { tag: 'User groups', laned: false } as const;
const reading = { ...shared, access: 'tenant', scope: 'users:read', method: 'GET', cost: 'page' } as const;
const writing = { ...shared, access: 'tenantAdmin', scope: 'admin' } as const;

export const listUserGroups = defineOperation({
  ...reading,
  name: 'userGroups.list',
  summary: 'List the tenant’s groups of users, by name; for guests those to which they belong',
  path: '/v1/user-groups',
  input: PageQuery,
  result: pageOf(UserGroup),
});

export const createUserGroup = defineOperation({
  ...writing,
  name: 'userGroups.create',
  summary: 'Create a group of users',
  method: 'POST',
  path: '/v1/user-groups',
  input: NewUserGroup,
  result: UserGroup,
  creates: 'always',
  cost: { sends: 5 },
});

export const renameUserGroup = defineOperation({
  ...writing,
  name: 'userGroups.rename',
  summary: 'Give a group another name',
  method: 'PATCH',
  path: '/v1/user-groups/:groupId',
  params: UserGroupParams,
  input: NewUserGroup,
  result: UserGroup,
  cost: { sends: 1 },
});

export const deleteUserGroup = defineOperation({
  ...writing,
  name: 'userGroups.delete',
  summary: 'Delete a group; whom it has mentioned stays mentioned',
  method: 'DELETE',
  path: '/v1/user-groups/:groupId',
  params: UserGroupParams,
  cost: { sends: 5 },
});

export const listGroupMembers = defineOperation({
  ...reading,
  name: 'userGroups.members',
  summary: 'List the members of a group',
  path: '/v1/user-groups/:groupId/members',
  params: UserGroupParams,
  input: PageQuery,
  result: pageOf(User),
});

export const changeGroupMembers = defineOperation({
  ...writing,
  name: 'userGroups.changeMembers',
  summary: 'Add users to a group, and remove others',
  method: 'PATCH',
  path: '/v1/user-groups/:groupId/members',
  params: UserGroupParams,
  input: ChangeGroupMembers,
  result: UserGroup,
  cost: { sends: 5 },
});
