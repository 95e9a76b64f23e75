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
  summary: 'Read the version, whether there is maintenance, and which product areas are on',
  method: 'GET',
});

export const changeSystem = defineOperation({
  ...shared,
  name: 'system.update',
  summary: 'Begin or end maintenance, switch product areas on or off',
  method: 'PATCH',
  input: ChangeSystem,
});
