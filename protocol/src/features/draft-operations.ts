import { PageQuery, pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import { Draft, SetDraft } from './drafts.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Drafts', access: 'user' } as const;

export const setDraft = defineOperation({
  ...shared,
  name: 'drafts.set',
  summary: 'Keep a draft for all of one’s devices, or delete it; answers the draft that counts now',
  scope: 'conversations:write',
  method: 'PUT',
  path: '/v1/conversations/:cid/draft',
  params: CidParams,
  input: SetDraft,
  result: Draft,
  cost: { sends: 1 },
  laned: true,
});

export const listDrafts = defineOperation({
  ...shared,
  name: 'drafts.list',
  summary: 'List one’s drafts, the newest first',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/drafts',
  input: PageQuery,
  result: pageOf(Draft),
  cost: 'page',
  laned: false,
});
