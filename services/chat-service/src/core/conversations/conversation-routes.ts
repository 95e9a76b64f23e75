import { ChatError, HEADERS, STATUS, storable } from '@messagecore/protocol';
import {
  Conversation,
  ConversationsQuery,
  CreateConversation,
  pageOf,
  UpdateConversation,
} from '@messagecore/protocol/features';
import { z } from 'zod';
import { getConversation, getCreated, listConversations } from './conversation-queries.ts';
import { createConversation } from './create-conversation.ts';
import { deleteConversation } from './delete-conversation.ts';
import type { ConversationDeps } from './conversation-transaction.ts';
import { updateConversation } from './update-conversation.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf, callerOf } from '../identity/auth-plugin.ts';
import type { Reads } from '../identity/reads.ts';
import { answers, CidParams, nothing } from '../../platform/http/shapes.ts';

const tags = ['Conversations'];
/** Creations of one request, when what was found is deleted before it can be shown. */
const ATTEMPTS = 3;

export interface ConversationRouteDeps extends ConversationDeps {
  readonly reads: Reads;
}

export function conversationRoutes(app: App, deps: ConversationRouteDeps): void {
  addCreation(app, deps);
  addReading(app, deps);
  addChanges(app, deps);
}

function addCreation(app: App, deps: ConversationDeps): void {
  app.post(
    '/v1/conversations',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Create a conversation; a dm that exists, or a repeat under the same key, is returned as it is',
        headers: z.object({ [HEADERS.idempotencyKey]: storable().min(1).max(255).optional() }),
        body: CreateConversation,
        response: answers({ [STATUS.ok]: Conversation, [STATUS.created]: Conversation }),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const key = request.headers[HEADERS.idempotencyKey];
      for (let attempt = 1; ; attempt += 1) {
        const made = await createConversation(deps, caller, request.body, key);
        try {
          const conversation = await getCreated(deps.sql, caller, made, request.body);
          return reply.code(made.created ? STATUS.created : STATUS.ok).send(conversation);
        } catch (error) {
          // A dm that was there a moment ago and is deleted by now: the pair gets a new one.
          const vanished = error instanceof ChatError && error.code === 'not_found' && !made.created;
          if (!vanished || attempt === ATTEMPTS) throw error;
        }
      }
    },
  );
}

function addReading(app: App, { sql, reads }: ConversationRouteDeps): void {
  app.get(
    '/v1/conversations',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'List one’s conversations, the most recently active first',
        querystring: ConversationsQuery,
        response: answers({ [STATUS.ok]: pageOf(Conversation) }),
      },
    },
    async (request) => reads(request, () => listConversations(sql, actorOf(request), request.query)),
  );

  app.get(
    '/v1/conversations/:cid',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Read a conversation',
        params: CidParams,
        response: answers({ [STATUS.ok]: Conversation }),
      },
    },
    async (request) =>
      reads(request, () => getConversation(sql, callerOf(request), request.params.cid), { counted: false }),
  );
}

function addChanges(app: App, deps: ConversationDeps): void {
  app.patch(
    '/v1/conversations/:cid',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Change name, topic, avatar or metadata; archive or bring back',
        params: CidParams,
        body: UpdateConversation,
        response: answers({ [STATUS.ok]: Conversation }),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      await updateConversation(deps, caller, request.params.cid, request.body);
      return getConversation(deps.sql, caller, request.params.cid);
    },
  );

  app.delete(
    '/v1/conversations/:cid',
    {
      config: { access: 'tenant' },
      schema: { tags, summary: 'Delete a conversation', params: CidParams, response: answers(nothing) },
    },
    async (request, reply) => {
      await deleteConversation(deps, callerOf(request), request.params.cid);
      return reply.code(STATUS.noContent).send();
    },
  );
}
