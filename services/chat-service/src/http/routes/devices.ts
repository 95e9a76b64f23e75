import { ClientId, Device, DevicesQuery, pageOf, STATUS } from '@messagecore/protocol';
import { z } from 'zod';
import { listDevices } from '../../read/devices.ts';
import type { Sql } from '../../store/connect.ts';
import type { Announcer } from '../../write/announce.ts';
import { revokeAllDevices, revokeDevice } from '../../write/revoke-device.ts';
import type { App } from '../app-type.ts';
import { actorOf } from '../plugins/auth.ts';
import { answers, nothing } from './shapes.ts';

const tags = ['Users'];

export function deviceRoutes(app: App, deps: { readonly sql: Sql; readonly announcer: Announcer }): void {
  const { sql, announcer } = deps;

  app.get(
    '/v1/devices',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'List one’s devices',
        querystring: DevicesQuery,
        response: answers({ [STATUS.ok]: pageOf(Device) }),
      },
    },
    async (request) => listDevices(sql, actorOf(request), request.query),
  );

  app.delete(
    '/v1/devices',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Revoke all: every token and session of the user ends', response: answers(nothing) },
    },
    async (request, reply) => {
      await revokeAllDevices(sql, announcer, actorOf(request));
      return reply.code(STATUS.noContent).send();
    },
  );

  app.delete(
    '/v1/devices/:clientId',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'Revoke a device: its tokens and sessions end',
        params: z.object({ clientId: ClientId }),
        response: answers(nothing),
      },
    },
    async (request, reply) => {
      await revokeDevice(sql, announcer, actorOf(request), request.params.clientId);
      return reply.code(STATUS.noContent).send();
    },
  );
}
