/** Routes that change a user. The tenant's back end may change everything, users only their own name. */
import { ChatError, STATUS } from '@messagecore/protocol';
import { UpdateUser, User, UserRef } from '@messagecore/protocol/features';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Limits } from '../../platform/limits/limits.ts';
import { getUser, resolveAnyUser } from './user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import { eraseUser } from './erase-user.ts';
import { underLimit } from '../../platform/limits/under-limit.ts';
import { updateUser } from './update-user.ts';
import type { App } from '../../platform/http/app-type.ts';
import { actorOf, callerOf } from '../identity/auth-plugin.ts';
import { answers, nothing } from '../../platform/http/shapes.ts';

const tags = ['Users'];
const UserParams = z.object({ user: UserRef });

interface UserChangeDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
}

export function userChangeRoutes(app: App, deps: UserChangeDeps): void {
  addChange(app, deps);
  addOwnChange(app, deps);
  addErasure(app, deps);
}

function addChange(app: App, { sql, publishEvents, limits }: UserChangeDeps): void {
  app.patch(
    '/v1/users/:user',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Rename a user, deactivate it, or let it in again; users may rename themselves',
        params: UserParams,
        body: UpdateUser,
        response: answers({ [STATUS.ok]: User }),
      },
    },
    async (request) => {
      const { tid, uid: actor } = callerOf(request);
      const uid = await resolveAnyUser(sql, tid, request.params.user);
      checkMayChange(request, uid, request.body);
      await underLimit(limits, { tid, uid: actor }, () => updateUser(sql, publishEvents, { tid, uid }, request.body));
      return getUser(sql, tid, uid);
    },
  );
}

function addOwnChange(app: App, { sql, publishEvents, limits }: UserChangeDeps): void {
  app.patch(
    '/v1/users/me',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'Rename oneself',
        body: UpdateUser,
        response: answers({ [STATUS.ok]: User }),
      },
    },
    async (request) => {
      const actor = actorOf(request);
      checkMayChange(request, actor.uid, request.body);
      await underLimit(limits, actor, () => updateUser(sql, publishEvents, actor, request.body));
      return getUser(sql, actor.tid, actor.uid);
    },
  );
}

function addErasure(app: App, { sql, publishEvents }: UserChangeDeps): void {
  app.delete(
    '/v1/users/:user',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Erase a user; the messages stay under a placeholder name',
        params: UserParams,
        response: answers(nothing),
      },
    },
    async (request, reply) => {
      const { tid, uid: actor } = callerOf(request);
      if (actor !== undefined) throw new ChatError('forbidden', 'only the back end erases users');
      await eraseUser(sql, publishEvents, { tid, uid: await resolveAnyUser(sql, tid, request.params.user) });
      return reply.code(STATUS.noContent).send();
    },
  );
}

/** A user, also one for whom the back end acts, may change only their own name. */
function checkMayChange(request: FastifyRequest, uid: string, { deactivated }: UpdateUser): void {
  const { uid: actor } = callerOf(request);
  if (actor === undefined) return;
  if (actor !== uid) throw new ChatError('forbidden', 'only the back end changes other users');
  if (deactivated !== undefined) throw new ChatError('forbidden', 'only the back end deactivates users');
}
