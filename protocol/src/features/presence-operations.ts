import { CidParams } from './conversations.ts';
import { defineOperation } from './operation.ts';
import { OnlinePage, OnlineQuery, OwnPresence, PresenceQuery, Presences, SetPresence } from './presence.ts';

const shared = { tag: 'Presence', laned: false } as const;
const reading = { ...shared, method: 'GET', scope: 'users:read', cost: 'page' } as const;

export const getPresence = defineOperation({
  ...reading,
  name: 'presence.get',
  summary: 'Whether users are there',
  access: 'tenant',
  path: '/v1/presence',
  input: PresenceQuery,
  result: Presences,
});

export const listOnline = defineOperation({
  ...reading,
  name: 'presence.list',
  summary: 'Count and list the users of the tenant who are there',
  access: 'tenantAdmin',
  path: '/v1/presence/online',
  input: OnlineQuery,
  result: OnlinePage,
});

export const listOnlineParticipants = defineOperation({
  ...reading,
  name: 'presence.participants',
  summary: 'Count and list the participants of a conversation who are there',
  access: 'tenant',
  path: '/v1/conversations/:cid/online',
  params: CidParams,
  input: OnlineQuery,
  result: OnlinePage,
});

export const getOwnPresence = defineOperation({
  ...reading,
  name: 'presence.own',
  summary: 'What one has chosen to show of one’s presence',
  access: 'user',
  path: '/v1/users/me/presence',
  result: OwnPresence,
});

export const setPresence = defineOperation({
  ...shared,
  name: 'presence.set',
  summary: 'Choose what others see of one’s presence, on all devices',
  access: 'user',
  method: 'PUT',
  scope: 'users:write',
  cost: { sends: 1 },
  path: '/v1/users/me/presence',
  input: SetPresence,
  result: OwnPresence,
});
