import { pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import { ExportLine, ExportQuery } from './exports.ts';
import { defineOperation } from './operation.ts';

export const exportMessages = defineOperation({
  ...{ tag: 'Messages', access: 'tenant', scope: 'messages:read', cost: 'page', laned: false },
  name: 'messages.export',
  summary: 'Export a conversation, with edits, reactions and participants, as lines of JSON',
  method: 'GET',
  path: '/v1/conversations/:cid/export',
  params: CidParams,
  input: ExportQuery,
  result: pageOf(ExportLine),
  lines: true,
});
