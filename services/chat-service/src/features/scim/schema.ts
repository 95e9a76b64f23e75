/** SCIM's own rules of resources (RFC 7643) and messages (RFC 7644), by the library. */
import SCIMMY from 'scimmy';
import { z } from 'zod';

export type ScimUser = InstanceType<typeof SCIMMY.Schemas.User>;
export type ScimGroup = InstanceType<typeof SCIMMY.Schemas.Group>;

export const BASE_PATH = '/scim/v2';
const [USERS, GROUPS] = ['Users', 'Groups'].map((name) => `${BASE_PATH}/${name}`);

/** Resources are named by UUIDs. */
export const isId = (text: string): boolean => z.uuid().safeParse(text).success;

/** A failure in SCIM's words: an HTTP status and one of its types. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
  }
}

/** The library throws its own errors and TypeErrors: where it reads what a request says, they mean the request. */
function asScimError(error: unknown): unknown {
  if (error instanceof SCIMMY.Types.Error)
    return new ScimError(error.status, error.message, error.scimType ?? undefined);
  return error instanceof TypeError ? new ScimError(400, error.message, 'invalidValue') : error;
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asScimError(error);
  }
}

export const parseUser = (body: unknown): ScimUser => reading(() => new SCIMMY.Schemas.User(objectOf(body), 'in'));
export const parseGroup = (body: unknown): ScimGroup => reading(() => new SCIMMY.Schemas.Group(objectOf(body), 'in'));
export const showUser = (resource: object): ScimUser => new SCIMMY.Schemas.User(resource, 'out', USERS);
export const showGroup = (resource: object): ScimGroup => new SCIMMY.Schemas.Group(resource, 'out', GROUPS);

function objectOf(body: unknown): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new ScimError(400, 'the body must be one JSON object', 'invalidSyntax');
}

/** Applies a PATCH to a resource as it is shown; undefined when nothing changes. */
export async function patched<R extends ScimUser | ScimGroup>(current: R, body: unknown): Promise<R | undefined> {
  try {
    let changed: R | undefined;
    const message = withBooleans(objectOf(body)) as ConstructorParameters<typeof SCIMMY.Messages.PatchOp>[0];
    await new SCIMMY.Messages.PatchOp(message).apply(current, async (instance: R) => {
      changed = instance;
      return instance;
    });
    return changed;
  } catch (error) {
    throw asScimError(error);
  }
}

/** Entra ID says `"True"` and `"False"` unless it is told not to. */
function withBooleans(message: object): object {
  const booleans = (name: string, value: unknown) =>
    (name === 'value' || name === 'active') && /^(?:true|false)$/i.test(String(value))
      ? String(value).toLowerCase() === 'true'
      : value;
  const { Operations: operations } = message as { readonly Operations?: unknown };
  if (!Array.isArray(operations)) return message;
  const read = (operation: { readonly path?: string }) =>
    operation.path === undefined || /active$/i.test(operation.path)
      ? (JSON.parse(JSON.stringify(operation), booleans) as object)
      : operation;
  return { ...message, Operations: operations.map(read) };
}

/** What a list is asked for (RFC 7644, 3.4.2). */
export interface ListQuery {
  readonly filter?: string | undefined;
  readonly startIndex?: number | undefined;
  readonly count?: number | undefined;
}

/** `filter` in SCIM's language: finds those that fit. Throws a ScimError. */
export function filterOf(text: string): <R extends object>(resources: readonly R[]) => readonly R[] {
  const filter = reading(() => new SCIMMY.Types.Filter(text));
  return <R extends object>(resources: readonly R[]) => reading(() => filter.match([...resources]) as R[]);
}

/** The value of a filter that is nothing but `attribute eq "value"`; undefined for every other one. */
export function equalTo(filter: string | undefined, attribute: string): string | undefined {
  const [, name = '', value] = /^\s*(\w+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(filter ?? '') ?? [];
  if (value === undefined || name.toLowerCase() !== attribute.toLowerCase()) return undefined;
  try {
    return JSON.parse(value) as string;
  } catch {
    throw new ScimError(400, 'the value of the filter is no JSON string', 'invalidFilter');
  }
}

const COUNT = { usual: 100, most: 500 };

/** The first one that is asked for, from 1 on, and how many at the most. */
export function bounds({ startIndex = 1, count = COUNT.usual }: ListQuery) {
  return { from: Math.max(1, startIndex), count: Math.min(Math.max(0, count), COUNT.most) };
}

export function listResponse(total: number, from: number, shown: readonly object[]): object {
  return {
    schemas: [SCIMMY.Messages.ListResponse.id],
    totalResults: total,
    startIndex: from,
    itemsPerPage: shown.length,
    Resources: shown,
  };
}

export function errorBody({ status, scimType, message }: ScimError): object {
  const type = scimType === undefined ? {} : { scimType };
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), ...type, detail: message };
}

/** What clients find out about the server. */
export const DISCOVERY: Readonly<Record<string, () => object>> = {
  ServiceProviderConfig: () => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: COUNT.most },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'API key',
        description: 'An API key of the tenant as a bearer token',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${BASE_PATH}/ServiceProviderConfig` },
  }),
  Schemas: () =>
    listed(
      [SCIMMY.Schemas.User, SCIMMY.Schemas.Group].map(({ definition }) => definition.describe(`${BASE_PATH}/Schemas`)),
    ),
  ResourceTypes: () =>
    listed(
      (['User', 'Group'] as const).map((name) => ({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
        ...{ id: name, name, endpoint: `/${name}s`, schema: SCIMMY.Schemas[name].definition.id },
        meta: { resourceType: 'ResourceType', location: `${BASE_PATH}/ResourceTypes/${name}` },
      })),
    ),
};

const listed = (resources: readonly object[]) => listResponse(resources.length, 1, resources);
