/** The directory of a tenant's public channels. */
import { pageOf } from './common.ts';
import { DirectoryChannel, DirectoryQuery } from './directory.ts';
import { defineOperation } from './operation.ts';

export const listDirectory = defineOperation({
  name: 'directory.list',
  summary: 'List or search the tenant’s public channels; guests see none',
  tag: 'Directory',
  access: 'tenant',
  scope: 'conversations:read',
  method: 'GET',
  path: '/v1/directory',
  input: DirectoryQuery,
  result: pageOf(DirectoryChannel),
  cost: 'page',
  rate: 'searchesPerIp',
  laned: false,
});
