/** The messages of a conversation, what becomes of them, and how far they were read. */
import { CidParams } from './conversations.ts';
import { ReadPosition, ReadUpTo } from './messages.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Messages' } as const;

/** What the frame `read` does too; a report that moves nothing costs little, so none costs a send. */
export const moveReadPosition = defineOperation({
  ...shared,
  name: 'conversations.read',
  summary: 'Say how far one has read',
  access: 'user',
  scope: 'write',
  method: 'PUT',
  path: '/v1/conversations/:cid/read',
  params: CidParams,
  input: ReadUpTo,
  result: ReadPosition,
  cost: 'frame',
  laned: true,
});
