/** All operations. A new one is defined here, and carried out by the area of the chat-service that it belongs to. */
import { z } from 'zod';
import { Cid, ClientId } from '../wire/ids.ts';
import { PageQuery, pageOf } from './common.ts';
import { Participant } from './conversations.ts';
import { ReadPosition, ReadUpTo } from './messages.ts';
import { defineOperation } from './operation.ts';
import { Device, DevicesQuery } from './users.ts';

/** In sends: it leaves a row, and every gateway that holds a session of the user looks at its sessions. */
const REVOKING_COST = 5;

export const listDevices = defineOperation({
  name: 'devices.list',
  summary: 'List one’s devices',
  tag: 'Users',
  access: 'user',
  method: 'GET',
  path: '/v1/devices',
  args: DevicesQuery,
  result: pageOf(Device),
  cost: 0,
  laned: false,
});

export const revokeDevice = defineOperation({
  name: 'devices.revoke',
  summary: 'Revoke a device: its tokens and sessions end',
  tag: 'Users',
  access: 'user',
  method: 'DELETE',
  path: '/v1/devices/:clientId',
  args: z.object({ clientId: ClientId }),
  cost: REVOKING_COST,
  laned: false,
});

/** Not under the user's limit: a thief who floods must not keep the user from this. Each call ends its own token too. */
export const revokeAllDevices = defineOperation({
  name: 'devices.revokeAll',
  summary: 'Revoke all: every token and session of the user ends',
  tag: 'Users',
  access: 'user',
  method: 'DELETE',
  path: '/v1/devices',
  args: z.object({}),
  cost: 0,
  laned: false,
});

export const listParticipants = defineOperation({
  name: 'participants.list',
  summary: 'List participants',
  tag: 'Participants',
  access: 'tenant',
  method: 'GET',
  path: '/v1/conversations/:cid/participants',
  args: PageQuery.extend({ cid: Cid }),
  result: pageOf(Participant),
  cost: 0,
  laned: false,
});

/** What the frame `read` does too; a report that moves nothing costs little, so none costs a send. */
export const moveReadPosition = defineOperation({
  name: 'conversations.read',
  summary: 'Say how far one has read',
  tag: 'Messages',
  access: 'user',
  method: 'PUT',
  path: '/v1/conversations/:cid/read',
  args: ReadUpTo.extend({ cid: Cid }),
  result: ReadPosition,
  cost: 0,
  laned: true,
});

export const OPERATIONS = [listDevices, revokeDevice, revokeAllDevices, listParticipants, moveReadPosition] as const;
