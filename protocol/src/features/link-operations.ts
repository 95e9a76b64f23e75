/** Invitations by link: whoever of the tenant has the code may join. The code is no part of a path, so that no log has it. */
import { PageQuery, pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import {
  CreateLink,
  InvitationLink,
  LinkAccepted,
  LinkCreated,
  LinkParams,
  LinkPreview,
  UseLink,
} from './invitations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Invitations', laned: false } as const;

export const createLink = defineOperation({
  ...shared,
  name: 'links.create',
  summary: 'Make a link to a conversation; its code is in this answer only',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/links',
  params: CidParams,
  input: CreateLink,
  result: LinkCreated,
  creates: 'always',
  cost: { sends: 1 },
});

export const listLinks = defineOperation({
  ...shared,
  name: 'links.list',
  summary: 'List the links to a conversation: admins all of them, others their own',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid/links',
  params: CidParams,
  input: PageQuery,
  result: pageOf(InvitationLink),
  cost: 'page',
});

export const revokeLink = defineOperation({
  ...shared,
  name: 'links.revoke',
  summary: 'Revoke a link; admins those of others too',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid/links/:linkId',
  params: LinkParams,
  cost: { sends: 1 },
});

export const previewLink = defineOperation({
  ...shared,
  name: 'links.preview',
  summary: 'See where a link leads, without joining',
  access: 'user',
  scope: 'conversations:read',
  method: 'POST',
  path: '/v1/links/preview',
  input: UseLink,
  result: LinkPreview,
  cost: 'page',
});

export const acceptLink = defineOperation({
  ...shared,
  name: 'links.accept',
  summary: 'Join by a link',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/links/accept',
  input: UseLink,
  result: LinkAccepted,
  cost: { sends: 1, memberships: 1 },
});
