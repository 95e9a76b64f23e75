/** Conversations themselves. */
import { z } from 'zod';
import { storable } from '../wire/ids.ts';
import { pageOf } from './common.ts';
import {
  CidParams,
  Conversation,
  ConversationSettings,
  ConversationsQuery,
  CreateConversation,
  UpdateConversation,
  UpdateSettings,
} from './conversations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Conversations', laned: false } as const;
/** What a new conversation counts for at least, in memberships: its own rows and events. */
const LEAST_MEMBERSHIPS = 5;

export const createConversation = defineOperation({
  ...shared,
  name: 'conversations.create',
  summary: 'Create a conversation; a dm that exists, or a repeat under the same key, is returned as it is',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations',
  headers: z.object({ idempotencyKey: storable().min(1).max(255).optional() }),
  input: CreateConversation,
  result: Conversation,
  creates: 'once',
  cost: { sends: 0, memberships: { each: 'participants', atLeast: LEAST_MEMBERSHIPS } },
});

export const listConversations = defineOperation({
  ...shared,
  name: 'conversations.list',
  summary: 'List one’s conversations, pinned ones first, then the most recently active',
  access: 'user',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations',
  input: ConversationsQuery,
  result: pageOf(Conversation),
  cost: 'page',
});

export const getConversation = defineOperation({
  ...shared,
  name: 'conversations.get',
  summary: 'Read a conversation',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/conversations/:cid',
  params: CidParams,
  result: Conversation,
  cost: 'turn',
});

export const updateConversation = defineOperation({
  ...shared,
  name: 'conversations.update',
  summary: 'Change name, topic, avatar or metadata; archive or bring back',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'PATCH',
  path: '/v1/conversations/:cid',
  params: CidParams,
  input: UpdateConversation,
  result: Conversation,
  cost: { sends: 1, ofConversation: true },
});

export const deleteConversation = defineOperation({
  ...shared,
  name: 'conversations.delete',
  summary: 'Delete a conversation',
  access: 'tenant',
  scope: 'conversations:write',
  method: 'DELETE',
  path: '/v1/conversations/:cid',
  params: CidParams,
  cost: { sends: 1 },
});

export const updateSettings = defineOperation({
  ...shared,
  name: 'settings.update',
  summary: 'Change one’s own settings of a conversation',
  access: 'user',
  scope: 'conversations:write',
  method: 'PATCH',
  path: '/v1/conversations/:cid/settings',
  params: CidParams,
  input: UpdateSettings,
  result: ConversationSettings,
  cost: { sends: 1 },
  laned: true,
});
