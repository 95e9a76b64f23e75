import { ClientId, Device, STATUS } from '@messagecore/protocol';
import { z } from 'zod';
import { listDevices } from '../../read/devices.ts';
import type { Sql } from '../../store/connect.ts';
import type { Announcer } from '../../write/announce.ts';
import { revokeDevice } from '../../write/revoke-device.ts';
import type { App } from '../app-type.ts';
import { actorOf } from '../plugins/auth.ts';
import type { Reads } from '../plugins/reads.ts';
import { answers, nothing } from './shapes.ts';

const tags = ['Users'];

interface DeviceRouteDeps {
  readonly sql: Sql;
  readonly announcer: Announcer;
  readonly reads: Reads;
}

export function deviceRoutes(app: App, deps: DeviceRouteDeps): void {
  const { sql, announcer, reads } = deps;

  app.get(
    '/v1/devices',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'List one’s devices',
        response: answers({ [STATUS.ok]: z.object({ items: z.array(Device) }) }),
      },
    },
    async (request) => ({ items: await reads(request, () => listDevices(sql, actorOf(request))) }),
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
