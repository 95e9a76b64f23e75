import { ClientId, STATUS } from '@messagecore/protocol';
import { Device, DevicesQuery, pageOf } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Limits } from '../../platform/limits/limits.ts';
import { listDevices } from './device-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { underLimit } from '../../platform/limits/under-limit.ts';
import { revokeAllDevices, revokeDevice } from './revoke-device.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf } from '../identity/auth-plugin.ts';
import type { Reads } from '../identity/reads.ts';
import { answers, nothing } from '../../platform/http/shapes.ts';

const tags = ['Users'];

/** In sends: it leaves a row, and every gateway that holds a session of the user looks at its sessions. */
const COST = 5;

interface DeviceDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
  readonly reads: Reads;
}

export function deviceRoutes(app: App, { sql, publishEvents, limits, reads }: DeviceDeps): void {
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
    async (request) => reads(request, () => listDevices(sql, actorOf(request), request.query)),
  );

  app.delete(
    '/v1/devices',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Revoke all: every token and session of the user ends', response: answers(nothing) },
    },
    async (request, reply) => {
      // Not under the user's limit: a thief who floods must not keep the user from this. Each call ends its own token too.
      await revokeAllDevices(sql, publishEvents, actorOf(request));
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
      const actor = actorOf(request);
      const demand = { ...actor, cost: COST };
      await underLimit(limits, demand, () => revokeDevice(sql, publishEvents, actor, request.params.clientId));
      return reply.code(STATUS.noContent).send();
    },
  );
}
