import { MessageParams } from './messages.ts';
import { defineOperation } from './operation.ts';
import { TranslateMessage, Translation } from './translations.ts';

/** The endpoint is asked within rates of its own. */
export const translateMessage = defineOperation({
  tag: 'Translations',
  access: 'user',
  name: 'messages.translate',
  summary: 'Get what a text says in another language, by the tenant’s translator',
  scope: 'messages:read',
  method: 'POST',
  path: '/v1/conversations/:cid/messages/:seq/translations',
  params: MessageParams,
  input: TranslateMessage,
  result: Translation,
  cost: { sends: 1 },
  laned: false,
});
