/**
 * Who takes part in a conversation. What restrains others costs the conversation nothing: one that is flooded to its limit
 * must not be out of its moderators' reach.
 */
import { PageQuery, pageOf } from './common.ts';
import {
  AddParticipants,
  Ban,
  CidParams,
  Participant,
  ParticipantParams,
  ParticipantsAdded,
  SetBan,
  UpdateParticipant,
} from './conversations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Participants', laned: false } as const;

export const listParticipants = defineOperation({
  ...shared,
  name: 'participants.list',
  summary: 'List participants',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid/participants',
  params: CidParams,
  input: PageQuery,
  result: pageOf(Participant),
  cost: 'page',
});

export const addParticipants = defineOperation({
  ...shared,
  name: 'participants.add',
  summary: 'Add users',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/participants',
  params: CidParams,
  input: AddParticipants,
  result: ParticipantsAdded,
  cost: { sends: 1, ofConversation: true, memberships: { each: 'users' } },
});

export const updateParticipant = defineOperation({
  ...shared,
  name: 'participants.update',
  summary: 'Give a role, hand ownership over, mute or unmute',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'PATCH',
  path: '/v1/conversations/:cid/participants/:user',
  params: ParticipantParams,
  input: UpdateParticipant,
  result: Participant,
  cost: { sends: 1 },
});

export const removeParticipant = defineOperation({
  ...shared,
  name: 'participants.remove',
  summary: 'Remove a participant, or leave',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid/participants/:user',
  params: ParticipantParams,
  cost: { sends: 1, memberships: 1 },
});

export const joinConversation = defineOperation({
  ...shared,
  name: 'participants.join',
  summary: 'Join a public channel',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/join',
  params: CidParams,
  result: ParticipantsAdded,
  cost: { sends: 1, ofConversation: true, memberships: 1 },
});

export const leaveConversation = defineOperation({
  ...shared,
  name: 'participants.leave',
  summary: 'Leave',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/leave',
  params: CidParams,
  cost: { sends: 1, ofConversation: true, memberships: 1 },
});

export const listBans = defineOperation({
  ...shared,
  name: 'bans.list',
  summary: 'List those who are banned',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid/bans',
  params: CidParams,
  input: PageQuery,
  result: pageOf(Ban),
  cost: 'page',
});

export const setBan = defineOperation({
  ...shared,
  name: 'bans.set',
  summary: 'Remove a user, who cannot come back until the ban ends or is lifted',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'PUT',
  path: '/v1/conversations/:cid/bans/:user',
  params: ParticipantParams,
  input: SetBan,
  result: Ban,
  cost: { sends: 1, memberships: 1 },
});

export const liftBan = defineOperation({
  ...shared,
  name: 'bans.lift',
  summary: 'Lift a ban',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid/bans/:user',
  params: ParticipantParams,
  cost: { sends: 1 },
});
