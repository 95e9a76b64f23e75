import { pageOf } from './common.ts';
import { Mention, MentionsQuery, UnreadMentions } from './mentions.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Mentions', access: 'user', method: 'GET' } as const;
const reading = { ...shared, scope: 'messages:read', cost: 'page', laned: false } as const;

export const listMentions = defineOperation({
  ...reading,
  name: 'mentions.mine',
  summary: 'List the messages that mention one, in all conversations, the newest first',
  path: '/v1/mentions',
  input: MentionsQuery,
  result: pageOf(Mention),
});

export const countMentions = defineOperation({
  ...reading,
  name: 'mentions.unread',
  summary: 'Count the unread messages that mention one, in all conversations together',
  path: '/v1/mentions/unread',
  result: UnreadMentions,
});
