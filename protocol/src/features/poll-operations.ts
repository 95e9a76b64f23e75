/** Votes, and what closes a poll. A poll is sent, edited and recalled like any message. */
import { MessageDown } from '../wire/down.ts';
import { pageOf } from './common.ts';
import { MessageParams } from './messages.ts';
import { defineOperation } from './operation.ts';
import { CastVote, OwnVote, PollVote, VotesQuery } from './polls.ts';

const tag = 'Polls';
const reads = { tag, scope: 'messages:read', method: 'GET', cost: 'page', laned: false } as const;
const changes = { tag, access: 'user', scope: 'messages:write', cost: 'own', laned: true } as const;

export const vote = defineOperation({
  ...changes,
  name: 'polls.vote',
  summary: 'Vote, in place of one’s vote before; no options take it back',
  method: 'PUT',
  path: '/v1/conversations/:cid/messages/:seq/vote',
  params: MessageParams,
  input: CastVote,
  result: MessageDown,
});

export const getOwnVote = defineOperation({
  ...reads,
  access: 'user',
  name: 'polls.ownVote',
  summary: 'See what one has voted for',
  path: '/v1/conversations/:cid/messages/:seq/vote',
  params: MessageParams,
  result: OwnVote,
});

export const closePoll = defineOperation({
  ...changes,
  name: 'polls.close',
  summary: 'Close one’s own poll, or as an admin another one',
  method: 'PUT',
  path: '/v1/conversations/:cid/messages/:seq/closed',
  params: MessageParams,
  result: MessageDown,
});

export const listVotes = defineOperation({
  ...reads,
  access: 'tenant',
  name: 'polls.votes',
  summary: 'List who has voted for what, the first ones first; never of an anonymous poll',
  path: '/v1/conversations/:cid/messages/:seq/votes',
  params: MessageParams,
  input: VotesQuery,
  result: pageOf(PollVote),
});
