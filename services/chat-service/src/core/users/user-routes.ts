import { createBulkhead } from '@messagecore/kernel';
import { STATUS } from '@messagecore/protocol';
import { pageOf, User, UserRef, UsersQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import { tooMany } from '../../platform/limits/too-many.ts';
import { getUser, listUsers, searchUsers } from './user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf, callerOf } from '../identity/auth-plugin.ts';
import type { Reads } from '../identity/reads.ts';
import { answers } from '../../platform/http/shapes.ts';

const tags = ['Users'];

/** A search looks at every name of a tenant: it must not take the connections that everything else needs. */
const SEARCHES = { atOnce: 2, ofOneKey: 8, ofAll: 32, refusal: tooMany };

export function userRoutes(app: App, { sql, reads }: { readonly sql: Sql; readonly reads: Reads }): void {
  const search = createBulkhead(SEARCHES);

  app.get(
    '/v1/users',
    {
      config: { access: 'tenant', rateLimit: { groupId: 'searchesPerIp' } },
      schema: {
        tags,
        summary: 'List the tenant’s users',
        querystring: UsersQuery,
        response: answers({ [STATUS.ok]: pageOf(User) }),
      },
    },
    async (request) => {
      const { tid } = callerOf(request);
      if (request.query.q === undefined) return reads(request, () => listUsers(sql, tid, request.query));
      return search(tid, () => reads(request, () => searchUsers(sql, tid, request.query)));
    },
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
