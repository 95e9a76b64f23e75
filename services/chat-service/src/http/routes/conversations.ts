import {
  Conversation,
  ConversationsQuery,
  CreateConversation,
  HEADERS,
  pageOf,
  STATUS,
  storable,
  UpdateConversation,
} from '@messagecore/protocol';
import { z } from 'zod';
import { getConversation, listConversations } from '../../read/conversations.ts';
import { createConversation } from '../../write/create-conversation.ts';
import { deleteConversation } from '../../write/delete-conversation.ts';
import type { ConversationDeps } from '../../write/in-conversation.ts';
import { updateConversation } from '../../write/update-conversation.ts';
import type { App } from '../app-type.ts';
import { actorOf, callerOf } from '../plugins/auth.ts';
import type { Reads } from '../plugins/reads.ts';
import { answers, CidParams, nothing } from './shapes.ts';

const tags = ['Conversations'];

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
      const { cid, created, creator } = await createConversation(deps, caller, request.body, key);
      const conversation = await getConversation(deps.sql, { tid: caller.tid, uid: creator }, cid);
      return reply.code(created ? STATUS.created : STATUS.ok).send(conversation);
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
    async (request) => reads(request, () => getConversation(sql, callerOf(request), request.params.cid)),
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
