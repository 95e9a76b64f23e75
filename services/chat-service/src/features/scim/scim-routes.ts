/** SCIM 2.0 over HTTP (RFC 7644). It has media types and errors of its own, so these routes are no operations. */
import { ChatError, problemOf, STATUS } from '@messagecore/protocol';
import { createBulkhead } from '@messagecore/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../../core/identity/auth-plugin.ts';
import type { App } from '../../platform/http/app-type.ts';
import { tooMany } from '../../platform/rate-limits/too-many.ts';
import { addGroup, getGroup, listGroups, removeGroup, replaceGroup } from './groups.ts';
import {
  asScimError,
  BASE_PATH,
  DISCOVERY,
  errorBody,
  type ListQuery,
  parseGroup,
  parseUser,
  patched,
  ScimError,
} from './schema.ts';
import { addUser, type Caller, getUser, listUsers, removeUser, replaceUser, type ScimDeps } from './users.ts';

const MEDIA_TYPE = 'application/scim+json';
/** A request of one tenant holds connections of the database for some time; others must find theirs. */
const AT_ONCE = { atOnce: 2, ofOneKey: 32, ofAll: 128, refusal: tooMany };

const Query = z.object({
  filter: z.string().max(2_000).optional(),
  startIndex: z.coerce.number().int().optional(),
  count: z.coerce.number().int().optional(),
});

/** What is done with the resources of one kind. */
interface Collection {
  readonly list: (tid: string, query: ListQuery) => Promise<object>;
  readonly get: (tid: string, id: string) => Promise<object>;
  readonly add: (by: Caller, body: unknown) => Promise<object>;
  readonly replace: (by: Caller, id: string, body: unknown) => Promise<object>;
  readonly patch: (by: Caller, id: string, body: unknown) => Promise<object>;
  readonly remove: (by: Caller, id: string) => Promise<void>;
}

export function scimRoutes(app: App, deps: ScimDeps): void {
  const inTurn = createBulkhead(AT_ONCE);
  const collections = { Users: userCollection(deps), Groups: groupCollection(deps) };
  void app.register(async (scope: App) => {
    scope.addContentTypeParser(MEDIA_TYPE, { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'));
    scope.setErrorHandler((error, _, reply) => sendError(reply, error));
    for (const [name, describe] of Object.entries(DISCOVERY)) {
      scope.get(`${BASE_PATH}/${name}`, { config: READ, schema: HIDDEN }, async (_, reply) => send(reply, describe()));
    }
    for (const [name, collection] of Object.entries(collections)) addCollection(scope, name, collection, inTurn);
  });
}

const READ = { access: 'backend', scope: 'users:read' } as const;
const WRITE = { access: 'backend', scope: 'users:write' } as const;
/** SCIM describes itself: it is not part of the contract of REST. */
const HIDDEN = { hide: true } as const;

function addCollection(
  scope: App,
  name: string,
  { list, get, add, replace, patch, remove }: Collection,
  inTurn: ReturnType<typeof createBulkhead>,
): void {
  const all = `${BASE_PATH}/${name}`;
  const one = `${all}/:id`;
  const run = <T>(request: FastifyRequest, work: (by: Caller, id: string) => Promise<T>): Promise<T> => {
    const { tid, address, administers } = callerOf(request);
    const { id = '' } = request.params as { id?: string };
    return inTurn(tid, () => work({ tid, address, administers }, idOf(id)));
  };
  scope.get(all, { config: READ, schema: HIDDEN }, async (request, reply) =>
    send(reply, await run(request, ({ tid }) => list(tid, queryOf(request)))),
  );
  scope.post(all, { config: WRITE, schema: HIDDEN }, async (request, reply) =>
    send(reply.code(STATUS.created), await run(request, (by) => add(by, request.body))),
  );
  scope.get(one, { config: READ, schema: HIDDEN }, async (request, reply) =>
    send(reply, await run(request, ({ tid }, id) => get(tid, id))),
  );
  scope.put(one, { config: WRITE, schema: HIDDEN }, async (request, reply) =>
    send(reply, await run(request, (by, id) => replace(by, id, request.body))),
  );
  scope.patch(one, { config: WRITE, schema: HIDDEN }, async (request, reply) =>
    send(reply, await run(request, (by, id) => patch(by, id, request.body))),
  );
  scope.delete(one, { config: WRITE, schema: HIDDEN }, async (request, reply) => {
    await run(request, remove);
    return reply.code(STATUS.noContent).send();
  });
}

function userCollection(deps: ScimDeps): Collection {
  const { sql } = deps;
  return {
    list: (tid, query) => listUsers(sql, tid, query),
    get: (tid, id) => getUser(sql, tid, id),
    add: async (by, body) => addUser(deps, by, parseUser(body)),
    replace: async (by, id, body) => replaceUser(deps, by, id, parseUser(body)),
    patch: async (by, id, body) => {
      const current = await getUser(sql, by.tid, id);
      const changed = await patched(current, body);
      return changed === undefined ? current : replaceUser(deps, by, id, changed);
    },
    remove: (by, id) => removeUser(deps, by, id),
  };
}

function groupCollection({ sql }: ScimDeps): Collection {
  return {
    list: (tid, query) => listGroups(sql, tid, query),
    get: (tid, id) => getGroup(sql, tid, id),
    add: async (by, body) => addGroup(sql, by, parseGroup(body)),
    replace: async (by, id, body) => replaceGroup(sql, by, id, parseGroup(body)),
    patch: async (by, id, body) => {
      const current = await getGroup(sql, by.tid, id);
      const changed = await patched(current, body);
      return changed === undefined ? current : replaceGroup(sql, by, id, changed);
    },
    remove: (by, id) => removeGroup(sql, by, id),
  };
}

const Id = z.uuid().toLowerCase();

/** Nothing is called anything but a UUID; an empty one is that of a whole collection. */
function idOf(id: string): string {
  if (id === '') return id;
  const parsed = Id.safeParse(id);
  if (!parsed.success) throw new ScimError(404, `there is nothing of the id ${id}`);
  return parsed.data;
}

function queryOf({ query }: FastifyRequest): ListQuery {
  const parsed = Query.safeParse(query);
  if (!parsed.success) throw new ScimError(400, z.prettifyError(parsed.error), 'invalidValue');
  return parsed.data;
}

/** As text, so that its type stays what it is. */
function send(reply: FastifyReply, body: object): FastifyReply {
  return reply.type(MEDIA_TYPE).send(JSON.stringify(body));
}

function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = asScimError(thrown);
  if (error instanceof ScimError) return send(reply.code(error.status), errorBody(error));
  const known = error instanceof ChatError ? error : undefined;
  if (known === undefined) reply.log.error({ err: error }, 'a SCIM request failed');
  const { status, detail } = problemOf(known ?? new ChatError('internal'));
  return send(reply.code(status), errorBody(new ScimError(status, detail)));
}
