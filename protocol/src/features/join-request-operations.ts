/** Requests to join a private channel, on which its admins decide. */
import { PageQuery, pageOf } from './common.ts';
import { CidParams, ParticipantParams, ParticipantsAdded } from './conversations.ts';
import { CreateJoinRequest, JoinRequest } from './invitations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Join requests', laned: false } as const;

export const createJoinRequest = defineOperation({
  ...shared,
  name: 'joinRequests.create',
  summary: 'Ask to join a private channel; asking again changes the message',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/join-requests',
  params: CidParams,
  input: CreateJoinRequest,
  result: JoinRequest,
  cost: { sends: 1 },
});

export const listJoinRequests = defineOperation({
  ...shared,
  name: 'joinRequests.list',
  summary: 'List the open requests to join a conversation, the oldest first',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid/join-requests',
  params: CidParams,
  input: PageQuery,
  result: pageOf(JoinRequest),
  cost: 'page',
});

export const listOwnJoinRequests = defineOperation({
  ...shared,
  name: 'joinRequests.mine',
  summary: 'List one’s own open requests, the newest first',
  access: 'user',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/join-requests',
  input: PageQuery,
  result: pageOf(JoinRequest),
  cost: 'page',
});

export const approveJoinRequest = defineOperation({
  ...shared,
  name: 'joinRequests.approve',
  summary: 'Let in who asked to join',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/join-requests/:user/approve',
  params: ParticipantParams,
  result: ParticipantsAdded,
  cost: { sends: 1, ofConversation: true, memberships: 1 },
});

export const rejectJoinRequest = defineOperation({
  ...shared,
  name: 'joinRequests.reject',
  summary: 'Refuse who asked to join',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/join-requests/:user/reject',
  params: ParticipantParams,
  cost: { sends: 1 },
});

export const withdrawJoinRequest = defineOperation({
  ...shared,
  name: 'joinRequests.withdraw',
  summary: 'Take one’s own request back',
  access: 'user',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid/join-requests',
  params: CidParams,
  cost: { sends: 1 },
});
