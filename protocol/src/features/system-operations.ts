/** The platform's settings, for the operator. */
import { defineOperation } from './operation.ts';
import { ChangeSystem, System } from './system.ts';

const shared = {
  tag: 'System',
  access: 'operator',
  path: '/admin/v1/system',
  result: System,
  cost: 'none',
  laned: false,
} as const;

export const readSystem = defineOperation({
  ...shared,
  name: 'system.get',
  summary: 'Read the version, whether there is maintenance, which product areas are on, and what is watched',
  method: 'GET',
});

export const changeSystem = defineOperation({
  ...shared,
  name: 'system.update',
  summary:
    'Begin or end maintenance, switch product areas on or off, have conversations and users logged in full for a while',
  method: 'PATCH',
  input: ChangeSystem,
});
