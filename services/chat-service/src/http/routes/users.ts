import { pageOf, STATUS, User, UserRef, UsersQuery } from '@messagecore/protocol';
import { z } from 'zod';
import { getUser, listUsers } from '../../read/users.ts';
import type { Sql } from '../../store/connect.ts';
import type { App } from '../app-type.ts';
import { actorOf, callerOf } from '../plugins/auth.ts';
import { answers } from './shapes.ts';

const tags = ['Users'];

export function userRoutes(app: App, { sql }: { readonly sql: Sql }): void {
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
}
