/** What is asked of the history of a conversation beside its pages. */
import { MessageDown } from '../wire/down.ts';
import { pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import { ForwardedMessages, ForwardMessages } from './forwarding.ts';
import { FilterQuery, Quotes, QuotesQuery } from './history.ts';
import { defineOperation } from './operation.ts';

const tag = 'Messages';
const reads = { tag, access: 'tenant', scope: 'messages:read', method: 'GET', cost: 'page', laned: false } as const;

export const filterMessages = defineOperation({
  ...reads,
  name: 'messages.filter',
  summary: 'List the messages of one kind or sender, the newest first',
  path: '/v1/conversations/:cid/messages/filter',
  params: CidParams,
  input: FilterQuery,
  result: pageOf(MessageDown),
});

export const listQuotes = defineOperation({
  ...reads,
  name: 'messages.quoted',
  summary: 'Read what replies quote, as it was then, and what became of it',
  path: '/v1/conversations/:cid/quotes',
  params: CidParams,
  input: QuotesQuery,
  result: Quotes,
});

/** Each counts as a send of the conversation that it goes to. */
export const forwardMessages = defineOperation({
  ...{ tag, access: 'user', scope: 'messages:write', cost: 'own', laned: true },
  name: 'messages.forward',
  summary: 'Send messages on to another conversation',
  method: 'POST',
  path: '/v1/conversations/:cid/forward',
  params: CidParams,
  input: ForwardMessages,
  result: ForwardedMessages,
});
