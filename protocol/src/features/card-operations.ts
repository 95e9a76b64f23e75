/** Cards: what readers do with them goes to their owner, who sent them and answers. */
import { z } from 'zod';
import { storable } from '../wire/ids.ts';
import { ActOnCard, AnswerCard, CardAction, CardActionParams, CardActionsQuery } from './cards.ts';
import { pageOf } from './common.ts';
import { MessageParams } from './messages.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Cards', access: 'user' } as const;

export const actOnCard = defineOperation({
  ...shared,
  name: 'cards.act',
  summary: 'Press a button of a card, or give a select or input a value; its owner is told once',
  scope: 'messages:write',
  method: 'POST',
  path: '/v1/conversations/:cid/messages/:seq/actions',
  params: MessageParams,
  headers: z.object({ idempotencyKey: storable().min(1).max(64) }),
  input: ActOnCard,
  result: CardAction,
  creates: 'once',
  cost: { sends: 1, ofConversation: true },
  laned: true,
});

export const listCardActions = defineOperation({
  ...shared,
  name: 'cards.actions',
  summary: 'List what was done with one’s own cards within the last day, the latest first',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/card-actions',
  input: CardActionsQuery,
  result: pageOf(CardAction),
  cost: 'page',
  laned: false,
});

export const answerCard = defineOperation({
  ...shared,
  name: 'cards.answer',
  summary: 'Answer what somebody did with one’s own card, and change the card if need be',
  scope: 'messages:write',
  method: 'POST',
  path: '/v1/conversations/:cid/card-actions/:actionId/answer',
  params: CardActionParams,
  input: AnswerCard,
  result: CardAction,
  cost: { sends: 1 },
  laned: true,
});
