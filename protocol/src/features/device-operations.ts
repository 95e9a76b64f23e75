/** A user's own devices. */
import { z } from 'zod';
import { ClientId } from '../wire/ids.ts';
import { pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { Device, DevicesQuery } from './users.ts';

/** In sends: it leaves a row, and every gateway that holds a session of the user looks at its sessions. */
const REVOKING_COST = 5;

const shared = { tag: 'Users', access: 'user', laned: false } as const;

export const listDevices = defineOperation({
  ...shared,
  name: 'devices.list',
  summary: 'List one’s devices',
  scope: 'users:read',
  method: 'GET',
  path: '/v1/devices',
  input: DevicesQuery,
  result: pageOf(Device),
  cost: 'page',
});

export const revokeDevice = defineOperation({
  ...shared,
  name: 'devices.revoke',
  summary: 'Revoke a device: its tokens and sessions end',
  scope: 'users:write',
  method: 'DELETE',
  path: '/v1/devices/:clientId',
  params: z.object({ clientId: ClientId }),
  cost: { sends: REVOKING_COST },
});

/** Not under the user's limit: a thief who floods must not keep the user from this. Each call ends its own token too. */
export const revokeAllDevices = defineOperation({
  ...shared,
  name: 'devices.revokeAll',
  summary: 'Revoke all: every token and session of the user ends',
  scope: 'users:write',
  method: 'DELETE',
  path: '/v1/devices',
  cost: 'none',
});
