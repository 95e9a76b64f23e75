import { ChatError } from '@messagecore/protocol';
import {
  type Conversation,
  conversationOperations as operations,
  type CreateConversation,
  messageOperations,
} from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { getConversation, getCreated, listConversations } from './conversation-queries.ts';
import type { Changer } from './conversation-transaction.ts';
import { createConversation, type CreationDeps } from './create-conversation.ts';
import { deleteConversation } from './delete-conversation.ts';
import { listFormerBodies } from './former-bodies.ts';
import { updateConversation } from './update-conversation.ts';
import { updateSettings } from './update-settings.ts';

/** Creations of one request, when what was found is deleted before it can be shown. */
const ATTEMPTS = 10;

export function bindConversations(deps: CreationDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.createConversation, (changer, { idempotencyKey, ...request }) =>
      create(deps, changer, request, idempotencyKey),
    ),
    bindOperation(operations.listConversations, (user, query) => listConversations(sql, user, query)),
    bindOperation(operations.getConversation, (reader, { cid }) => getConversation(sql, reader, cid)),
    bindOperation(operations.updateConversation, async (changer, { cid, ...change }) => {
      await updateConversation(deps, changer, cid, change);
      return getConversation(sql, changer, cid);
    }),
    bindOperation(operations.updateSettings, (user, { cid, ...change }) => updateSettings(deps, user, cid, change)),
    bindOperation(operations.deleteConversation, (changer, { cid }) => deleteConversation(deps, changer, cid)),
    bindOperation(messageOperations.listFormerBodies, (reader, { cid, seq, ...page }) =>
      listFormerBodies(sql, reader, { cid, seq }, page),
    ),
  ];
}

async function create(
  deps: CreationDeps,
  changer: Changer,
  request: CreateConversation,
  idempotencyKey: string | undefined,
): Promise<{ created: boolean; data: Conversation }> {
  for (let attempt = 1; ; attempt += 1) {
    const made = await createConversation(deps, changer, request, idempotencyKey);
    try {
      return { created: made.created, data: await getCreated(deps.sql, changer, made, request) };
    } catch (error) {
      // A dm that was there or made a moment ago, and is deleted by now: the pair gets a new one.
      const isOfPair = request.kind === 'dm' || !made.created;
      const vanished = error instanceof ChatError && error.code === 'not_found' && isOfPair;
      if (!vanished || attempt === ATTEMPTS) throw error;
    }
  }
}
