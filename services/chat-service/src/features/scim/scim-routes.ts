/** SCIM 2.0 over HTTP (RFC 7644). It has media types and errors of its own, so these routes are no operations. */
import { problemOf, STATUS } from '@messagecore/protocol';
import { createBulkhead } from '@messagecore/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../../core/identity/auth-plugin.ts';
import type { App } from '../../platform/http/app-type.ts';
import { refusalOf, sayWhenToRetry } from '../../platform/http/errors.ts';
import { tooMany } from '../../platform/rate-limits/too-many.ts';
import type { Caller, ScimDeps } from './directory.ts';
import { addGroup, changeGroup, getGroup, listGroups, removeGroup } from './groups.ts';
import { DISCOVERED, serviceProviderConfig } from './discovery.ts';
import { type ListQuery, listResponse, selected } from './query.ts';
import { BASE_PATH, isId, parseGroup, parseUser, patched, type ScimGroup, type ScimUser } from './schema.ts';
import { errorBody, ScimError } from './scim-error.ts';
import { addUser, changeUser, getUser, listUsers, removeUser } from './users.ts';

const MEDIA_TYPE = 'application/scim+json';
/** A request of one tenant holds connections of the database for some time; others must find theirs. */
const AT_ONCE = { atOnce: 2, ofOneKey: 32, ofAll: 128, refusal: tooMany };

const Query = z.object({
  filter: z.string().max(2_000).optional(),
  attributes: z.string().max(2_000).optional(),
  excludedAttributes: z.string().max(2_000).optional(),
  startIndex: z.coerce.number().int().optional(),
  count: z.coerce.number().int().optional(),
});

/** What is done with the resources of one kind. */
interface Collection {
  readonly list: (tid: string, query: ListQuery) => Promise<object>;
  readonly get: (tid: string, id: string) => Promise<object>;
  readonly add: (by: Caller, body: unknown) => Promise<ScimUser | ScimGroup>;
  readonly replace: (by: Caller, id: string, body: unknown) => Promise<object>;
  readonly patch: (by: Caller, id: string, body: unknown) => Promise<object>;
  readonly remove: (by: Caller, id: string) => Promise<void>;
}

export function scimRoutes(app: App, deps: ScimDeps): void {
  const inTurn = createBulkhead(AT_ONCE);
  const collections = { Users: userCollection(deps), Groups: groupCollection(deps) };
  void app.register(async (scope: App) => {
    scope.addContentTypeParser(MEDIA_TYPE, { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'));
    scope.setErrorHandler((error, request, reply) => sendError(request, reply, error));
    addDiscovery(scope);
    for (const name of ABSENT) {
      scope.all(`${BASE_PATH}/${name}`, { config: READ, schema: HIDDEN }, async () => {
        throw new ScimError(501, `there is no ${name} here`);
      });
    }
    for (const [name, collection] of Object.entries(collections)) addCollection(scope, name, collection, inTurn);
  });
}

const READ = { access: 'backend', scope: 'users:read' } as const;
const WRITE = { access: 'backend', scope: 'users:write' } as const;
/** SCIM describes itself: it is not part of the contract of REST. */
const HIDDEN = { hide: true } as const;

/** Optional parts of SCIM (RFC 7644, 3.4.3, 3.7 and 3.11). */
const ABSENT = ['.search', 'Users/.search', 'Groups/.search', 'Bulk', 'Me'];

function addDiscovery(scope: App): void {
  const add = (path: string, answerOf: (id: string) => object) =>
    scope.get(`${BASE_PATH}/${path}`, { config: READ, schema: HIDDEN }, async (request, reply) =>
      send(reply, answerOf(idIn(request))),
    );
  add('ServiceProviderConfig', serviceProviderConfig);
  for (const [name, describe] of Object.entries(DISCOVERED)) {
    add(name, () => listResponse(describe().length, 1, describe()));
    add(`${name}/:id`, (asked) => describe().find(({ id }) => id === asked) ?? nothing(asked));
  }
  add('*', () => nothing('this path'));
}

const idIn = ({ params }: FastifyRequest) => (params as { readonly id?: string }).id ?? '';

function nothing(what: string): never {
  throw new ScimError(404, `there is nothing at ${what}`);
}

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
    return inTurn(tid, () => work({ tid, address, administers }, idOf(idIn(request))));
  };
  const show = (request: FastifyRequest, reply: FastifyReply, resource: object) =>
    send(reply, selected(resource, queryOf(request)));
  scope.get(all, { config: READ, schema: HIDDEN }, async (request, reply) =>
    send(reply, await run(request, ({ tid }) => list(tid, queryOf(request)))),
  );
  scope.post(all, { config: WRITE, schema: HIDDEN }, async (request, reply) => {
    const made = await run(request, (by) => add(by, request.body));
    return show(request, reply.code(STATUS.created).header('location', made.meta.location), made);
  });
  scope.get(one, { config: READ, schema: HIDDEN }, async (request, reply) =>
    show(request, reply, await run(request, ({ tid }, id) => get(tid, id))),
  );
  scope.put(one, { config: WRITE, schema: HIDDEN }, async (request, reply) =>
    show(request, reply, await run(request, (by, id) => replace(by, id, request.body))),
  );
  scope.patch(one, { config: WRITE, schema: HIDDEN }, async (request, reply) =>
    show(request, reply, await run(request, (by, id) => patch(by, id, request.body))),
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
    replace: (by, id, body) => changeUser(deps, by, id, async () => parseUser(body)),
    patch: (by, id, body) => changeUser(deps, by, id, (current) => patched(current, body)),
    remove: (by, id) => removeUser(deps, by, id),
  };
}

function groupCollection(deps: ScimDeps): Collection {
  const { sql } = deps;
  return {
    list: (tid, query) => listGroups(sql, tid, query),
    get: (tid, id) => getGroup(sql, tid, id),
    add: async (by, body) => addGroup(deps, by, parseGroup(body)),
    replace: (by, id, body) => changeGroup(deps, by, id, async () => parseGroup(body)),
    patch: (by, id, body) => changeGroup(deps, by, id, (current) => patched(current, body)),
    remove: (by, id) => removeGroup(deps, by, id),
  };
}

/** Nothing is called anything but a UUID; an empty one is that of a whole collection. */
function idOf(id: string): string {
  if (id === '') return id;
  if (!isId(id)) throw new ScimError(404, `there is nothing of the id ${id}`);
  return id.toLowerCase();
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

/** What the service itself does wrong is logged, and not told. */
function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof ScimError) return send(reply.code(error.status), errorBody(error));
  const known = refusalOf(error, request);
  if (known.code === 'internal' || known.code === 'unavailable')
    reply.log.error({ err: error }, 'a SCIM request failed');
  sayWhenToRetry(reply, known);
  const { status, detail } = problemOf(known);
  return send(reply.code(status), errorBody(new ScimError(status, detail)));
}
