/** The fields that a tenant adds to the profiles of its users. */
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { FieldParams, NewField, ProfileField } from './profiles.ts';

const shared = { tag: 'Users', laned: false } as const;

export const listFields = defineOperation({
  ...shared,
  name: 'profileFields.list',
  summary: 'List the fields that the tenant adds to profiles; users see those that users may see',
  access: 'tenant',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/profile-fields',
  result: z.object({ items: z.array(ProfileField) }),
  cost: 'turn',
});

export const putField = defineOperation({
  ...shared,
  name: 'profileFields.put',
  summary: 'Add a field to profiles, or change it; values that do not fit any more are not shown',
  access: 'tenantAdmin',
  scope: 'admin',
  method: 'PUT',
  path: '/v1/profile-fields/:name',
  params: FieldParams,
  input: NewField,
  result: ProfileField,
  cost: { sends: 1 },
});

export const deleteField = defineOperation({
  ...shared,
  name: 'profileFields.delete',
  summary: 'Take a field away from profiles',
  access: 'tenantAdmin',
  scope: 'admin',
  method: 'DELETE',
  path: '/v1/profile-fields/:name',
  params: FieldParams,
  cost: { sends: 1 },
});
