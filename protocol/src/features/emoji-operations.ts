/** Emojis that a tenant adds to those of Unicode. */
import { PageQuery, pageOf } from './common.ts';
import { CustomEmoji, EmojiParams, NewEmoji } from './emojis.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Emojis', laned: false } as const;

export const listEmojis = defineOperation({
  ...shared,
  name: 'emojis.list',
  summary: 'List the tenant’s own emojis, by name',
  access: 'tenant',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/emojis',
  input: PageQuery,
  result: pageOf(CustomEmoji),
  cost: 'page',
});

export const putEmoji = defineOperation({
  ...shared,
  name: 'emojis.put',
  summary: 'Add an emoji, or give it another picture',
  access: 'tenantAdmin',
  scope: 'admin',
  method: 'PUT',
  path: '/v1/emojis/:name',
  params: EmojiParams,
  input: NewEmoji,
  result: CustomEmoji,
  cost: { sends: 1 },
});

export const deleteEmoji = defineOperation({
  ...shared,
  name: 'emojis.delete',
  summary: 'Take an emoji away; reactions with it stay, by their name',
  access: 'tenantAdmin',
  scope: 'admin',
  method: 'DELETE',
  path: '/v1/emojis/:name',
  params: EmojiParams,
  cost: { sends: 1 },
});
