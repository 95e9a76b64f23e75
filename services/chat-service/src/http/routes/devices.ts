import { ClientId, Device, STATUS } from '@messagecore/protocol';
import { z } from 'zod';
import { listDevices } from '../../read/devices.ts';
import type { Limits } from '../../limits/limits.ts';
import type { Sql } from '../../store/connect.ts';
import type { Announcer } from '../../write/announce.ts';
import { revokeDevice } from '../../write/revoke-device.ts';
import type { App } from '../app-type.ts';
import { actorOf } from '../plugins/auth.ts';
import type { Reads } from '../plugins/reads.ts';
import { answers, nothing } from './shapes.ts';

const tags = ['Users'];

export interface DeviceDeps {
  readonly sql: Sql;
  readonly announcer: Announcer;
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
  readonly reads: Reads;
}

export function deviceRoutes(app: App, deps: DeviceDeps): void {
  const { sql, reads } = deps;

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
      await revokeDevice(deps, actorOf(request), request.params.clientId);
      return reply.code(STATUS.noContent).send();
    },
  );
}
