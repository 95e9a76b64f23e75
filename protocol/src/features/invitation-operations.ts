/** Invitations of users by name. One is open until it is accepted, declined, revoked or expires. */
import { PageQuery, pageOf } from './common.ts';
import { CidParams, ParticipantParams, ParticipantsAdded } from './conversations.ts';
import { CreateInvitations, Invitation, InvitationsCreated } from './invitations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Invitations', laned: false } as const;

export const createInvitations = defineOperation({
  ...shared,
  name: 'invitations.create',
  summary: 'Invite users; whoever is invited already gets the newer message and expiry',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/invitations',
  params: CidParams,
  input: CreateInvitations,
  result: InvitationsCreated,
  cost: { sends: 1, memberships: { each: 'users' } },
});

export const listInvitations = defineOperation({
  ...shared,
  name: 'invitations.list',
  summary: 'List the open invitations to a conversation',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid/invitations',
  params: CidParams,
  input: PageQuery,
  result: pageOf(Invitation),
  cost: 'page',
});

export const listOwnInvitations = defineOperation({
  ...shared,
  name: 'invitations.mine',
  summary: 'List one’s open invitations, the newest first',
  access: 'user',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/invitations',
  input: PageQuery,
  result: pageOf(Invitation),
  cost: 'page',
});

export const acceptInvitation = defineOperation({
  ...shared,
  name: 'invitations.accept',
  summary: 'Accept one’s invitation to a conversation',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/invitation/accept',
  params: CidParams,
  result: ParticipantsAdded,
  cost: { sends: 1, ofConversation: true, memberships: 1 },
});

export const declineInvitation = defineOperation({
  ...shared,
  name: 'invitations.decline',
  summary: 'Decline one’s invitation to a conversation',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/invitation/decline',
  params: CidParams,
  cost: { sends: 1 },
});

export const revokeInvitation = defineOperation({
  ...shared,
  name: 'invitations.revoke',
  summary: 'Take an invitation back; admins those of others too',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid/invitations/:user',
  params: ParticipantParams,
  cost: { sends: 1 },
});
