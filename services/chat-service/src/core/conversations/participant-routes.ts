import { STATUS } from '@messagecore/protocol';
import { AddParticipants, Participant, ParticipantsAdded, UpdateParticipant } from '@messagecore/protocol/features';
import { getParticipant } from './participant-queries.ts';
import { addParticipants, joinConversation } from './add-participants.ts';
import type { ConversationDeps } from './conversation-transaction.ts';
import { leaveConversation, removeParticipant } from './remove-participant.ts';
import { updateParticipant } from './update-participant.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf, callerOf } from '../identity/auth-plugin.ts';
import { answers, CidParams, nothing, ParticipantParams } from '../../platform/http/shapes.ts';

const tags = ['Participants'];

export function participantRoutes(app: App, deps: ConversationDeps): void {
  addAddition(app, deps);
  addChanges(app, deps);
  addJoinAndLeave(app, deps);
}

function addAddition(app: App, deps: ConversationDeps): void {
  app.post(
    '/v1/conversations/:cid/participants',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Add users',
        params: CidParams,
        body: AddParticipants,
        response: answers({ [STATUS.ok]: ParticipantsAdded }),
      },
    },
    async (request) => addParticipants(deps, callerOf(request), request.params.cid, request.body),
  );
}

function addChanges(app: App, deps: ConversationDeps): void {
  app.patch(
    '/v1/conversations/:cid/participants/:user',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Give a role, hand ownership over, mute or unmute',
        params: ParticipantParams,
        body: UpdateParticipant,
        response: answers({ [STATUS.ok]: Participant }),
      },
    },
    async (request) => {
      const { cid, user } = request.params;
      const caller = callerOf(request);
      const uid = await updateParticipant(deps, caller, cid, user, request.body);
      return getParticipant(deps.sql, cid, uid);
    },
  );

  app.delete(
    '/v1/conversations/:cid/participants/:user',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Remove a participant, or leave',
        params: ParticipantParams,
        response: answers(nothing),
      },
    },
    async (request, reply) => {
      await removeParticipant(deps, callerOf(request), request.params.cid, request.params.user);
      return reply.code(STATUS.noContent).send();
    },
  );
}

function addJoinAndLeave(app: App, deps: ConversationDeps): void {
  app.post(
    '/v1/conversations/:cid/join',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'Join a public channel',
        params: CidParams,
        response: answers({ [STATUS.ok]: ParticipantsAdded }),
      },
    },
    async (request) => joinConversation(deps, actorOf(request), request.params.cid),
  );

  app.post(
    '/v1/conversations/:cid/leave',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Leave', params: CidParams, response: answers(nothing) },
    },
    async (request, reply) => {
      await leaveConversation(deps, actorOf(request), request.params.cid);
      return reply.code(STATUS.noContent).send();
    },
  );
}
