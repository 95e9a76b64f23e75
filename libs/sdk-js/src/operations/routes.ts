/** Made by `generate.ts` from the definitions of the operations: where REST has them. */
import type { Route } from './route.ts';

export const ROUTES: Readonly<Record<string, Route>> = {
  'conversations.read': { method: 'PUT', path: '/v1/conversations/:cid/read', laned: true },
  'devices.list': { method: 'GET', path: '/v1/devices' },
  'devices.revoke': { method: 'DELETE', path: '/v1/devices/:clientId' },
  'devices.revokeAll': { method: 'DELETE', path: '/v1/devices' },
  'participants.list': { method: 'GET', path: '/v1/conversations/:cid/participants' },
};
