/** Who takes part in a conversation. */
import { PageQuery, pageOf } from './common.ts';
import { CidParams, Participant } from './conversations.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Participants', laned: false } as const;

export const listParticipants = defineOperation({
  ...shared,
  name: 'participants.list',
  summary: 'List participants',
  access: 'tenant',
  scope: 'read',
  method: 'GET',
  path: '/v1/conversations/:cid/participants',
  params: CidParams,
  input: PageQuery,
  result: pageOf(Participant),
  cost: 'page',
});
