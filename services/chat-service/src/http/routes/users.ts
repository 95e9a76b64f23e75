import { ClientId, CreateToken, Device, pageOf, STATUS, Token, User, UserRef, UsersQuery } from '@messagecore/protocol';
import { z } from 'zod';
import type { Tokens } from '../../identity/tokens.ts';
import { listDevices } from '../../read/devices.ts';
import { getUser, listUsers } from '../../read/users.ts';
import type { Sql } from '../../store/connect.ts';
import type { Announcer } from '../../write/announce.ts';
import { mintToken } from '../../write/mint-token.ts';
import { revokeDevice } from '../../write/revoke-device.ts';
import type { App } from '../app-type.ts';
import { actorOf, callerOf } from '../plugins/auth.ts';
import { answers, nothing } from './shapes.ts';

interface UserRouteDeps {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly announcer: Announcer;
}

const tags = ['Users'];

export function userRoutes(app: App, { sql, tokens, announcer }: UserRouteDeps): void {
  app.post(
    '/v1/tokens',
    {
      config: { access: 'backend' },
      schema: {
        tags,
        summary: 'Mint a token for a user, who is created at first use',
        body: CreateToken,
        response: answers({ [STATUS.created]: Token }),
      },
    },
    async (request, reply) => {
      const token = await mintToken(sql, tokens, callerOf(request).tid, request.body);
      return reply.code(STATUS.created).send(token);
    },
  );

  app.get(
    '/v1/users',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'List the tenant’s users',
        querystring: UsersQuery,
        response: answers({ [STATUS.ok]: pageOf(User) }),
      },
    },
    async (request) => listUsers(sql, callerOf(request).tid, request.query),
  );

  app.get(
    '/v1/users/me',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Read oneself', response: answers({ [STATUS.ok]: User }) },
    },
    async (request) => {
      const { tid, uid } = actorOf(request);
      return getUser(sql, tid, uid);
    },
  );

  app.get(
    '/v1/users/:user',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Read a user',
        params: z.object({ user: UserRef }),
        response: answers({ [STATUS.ok]: User }),
      },
    },
    async (request) => getUser(sql, callerOf(request).tid, request.params.user),
  );

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
    async (request) => ({ items: await listDevices(sql, actorOf(request)) }),
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
