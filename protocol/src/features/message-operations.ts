/** The messages of a conversation, what becomes of them, and how far they were read. */
import { MessageDown } from '../wire/down.ts';
import { PageQuery, pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import {
  ChangesPage,
  ChangesQuery,
  EditMessage,
  FormerBody,
  HistoryPage,
  HistoryQuery,
  MessageParams,
  ReactionParams,
  ReadPosition,
  ReadUpTo,
  SendMessage,
  Sent,
} from './messages.ts';
import { defineOperation } from './operation.ts';
import { Reaction, ReactionsQuery, Receipts, ReceiptsQuery } from './receipts.ts';

const tag = 'Messages';
const reads = { tag, access: 'tenant', scope: 'messages:read', method: 'GET', cost: 'page', laned: false } as const;
/** Frames do this too; whatever way it comes costs the same, and is carried out in the order of its lane. */
const changes = { tag, access: 'user', scope: 'messages:write', cost: 'own', laned: true } as const;

/** Sessions have the frame for it alone: it is answered by `ack`, and keeps the order of what a session sends. */
export const sendMessage = defineOperation({
  ...{ tag, access: 'user', scope: 'messages:write', cost: 'own', laned: false },
  name: 'messages.send',
  summary: 'Send a message',
  method: 'POST',
  path: '/v1/conversations/:cid/messages',
  params: CidParams,
  input: SendMessage,
  result: Sent,
  creates: 'once',
  frame: 'send',
});

export const listMessages = defineOperation({
  ...reads,
  name: 'messages.list',
  summary: 'Read the history, ascending by seq; the newest page by default',
  path: '/v1/conversations/:cid/messages',
  params: CidParams,
  input: HistoryQuery,
  result: HistoryPage,
});

export const listChanges = defineOperation({
  ...reads,
  name: 'messages.changes',
  summary: 'Read the final states of messages changed after a rev',
  path: '/v1/conversations/:cid/changes',
  params: CidParams,
  input: ChangesQuery,
  result: ChangesPage,
});

export const listReceipts = defineOperation({
  ...reads,
  name: 'messages.receipts',
  summary: 'Read by how many of how many, and by whom',
  path: '/v1/conversations/:cid/messages/:seq/receipts',
  params: MessageParams,
  input: ReceiptsQuery,
  result: Receipts,
});

export const editMessage = defineOperation({
  ...changes,
  name: 'messages.edit',
  summary: 'Edit one’s own message',
  method: 'PATCH',
  path: '/v1/conversations/:cid/messages/:seq',
  params: MessageParams,
  input: EditMessage,
  result: MessageDown,
});

export const listFormerBodies = defineOperation({
  ...reads,
  name: 'messages.edits',
  summary: 'List what edits and the recall of a message have replaced, the first one first',
  path: '/v1/conversations/:cid/messages/:seq/edits',
  params: MessageParams,
  input: PageQuery,
  result: pageOf(FormerBody),
});

export const recallMessage = defineOperation({
  ...changes,
  name: 'messages.recall',
  summary: 'Recall a message',
  method: 'DELETE',
  path: '/v1/conversations/:cid/messages/:seq',
  params: MessageParams,
  result: MessageDown,
});

export const addReaction = defineOperation({
  ...changes,
  name: 'reactions.add',
  summary: 'React',
  method: 'PUT',
  path: '/v1/conversations/:cid/messages/:seq/reactions/:emoji',
  params: ReactionParams,
  result: MessageDown,
});

export const removeReaction = defineOperation({
  ...changes,
  name: 'reactions.remove',
  summary: 'Take a reaction back',
  method: 'DELETE',
  path: '/v1/conversations/:cid/messages/:seq/reactions/:emoji',
  params: ReactionParams,
  result: MessageDown,
});

export const listReactions = defineOperation({
  ...reads,
  name: 'reactions.list',
  summary: 'List who has reacted to a message, the first ones first',
  path: '/v1/conversations/:cid/messages/:seq/reactions',
  params: MessageParams,
  input: ReactionsQuery,
  result: pageOf(Reaction),
});

export const addPin = defineOperation({
  ...changes,
  name: 'pins.add',
  summary: 'Pin a message for all who take part',
  method: 'PUT',
  path: '/v1/conversations/:cid/messages/:seq/pin',
  params: MessageParams,
  result: MessageDown,
});

export const removePin = defineOperation({
  ...changes,
  name: 'pins.remove',
  summary: 'Unpin a message',
  method: 'DELETE',
  path: '/v1/conversations/:cid/messages/:seq/pin',
  params: MessageParams,
  result: MessageDown,
});

export const listPins = defineOperation({
  ...reads,
  name: 'pins.list',
  summary: 'List the pinned messages of a conversation, the last one pinned first',
  path: '/v1/conversations/:cid/pins',
  params: CidParams,
  input: PageQuery,
  result: pageOf(MessageDown),
});

export const removePreviews = defineOperation({
  ...changes,
  name: 'previews.remove',
  summary: 'Take the previews of a message’s links away, and keep them from coming',
  method: 'DELETE',
  path: '/v1/conversations/:cid/messages/:seq/previews',
  params: MessageParams,
  result: MessageDown,
});

/** A report that moves nothing costs little, so none costs a send. */
export const moveReadPosition = defineOperation({
  ...changes,
  name: 'conversations.read',
  summary: 'Say how far one has read',
  method: 'PUT',
  path: '/v1/conversations/:cid/read',
  params: CidParams,
  input: ReadUpTo,
  result: ReadPosition,
});
