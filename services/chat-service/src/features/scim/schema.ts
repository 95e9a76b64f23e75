/** SCIM's own rules of resources (RFC 7643) and messages (RFC 7644), by the library. */
import SCIMMY from 'scimmy';
import { z } from 'zod';
import { checkBody, checkLengths } from './check-body.ts';
import { checkPath, checkRemoved } from './filter-language.ts';
import { ScimError } from './scim-error.ts';

export type ScimUser = InstanceType<typeof SCIMMY.Schemas.User>;
export type ScimGroup = InstanceType<typeof SCIMMY.Schemas.Group>;

export const BASE_PATH = '/scim/v2';
export const [USERS = '', GROUPS = ''] = ['Users', 'Groups'].map((name) => `${BASE_PATH}/${name}`);

export const SCHEMAS = schemasOfRfc();

/** As RFC 7643 (8.7.1) has them: the library allows nothing at all where no values are suggested, and adds names of members. */
function schemasOfRfc() {
  const { User, Group } = SCIMMY.Schemas;
  for (const name of ['roles.type', 'x509Certificates.type']) {
    User.definition.attribute(name).config.canonicalValues = false;
  }
  Group.definition.truncate('members.display');
  return { User, Group };
}

/** Resources are named by UUIDs. */
export const isId = (text: string): boolean => z.uuid().safeParse(text).success;

/** The library throws its own errors and TypeErrors: where it reads what a request says, they mean the request. */
function asScimError(error: unknown): unknown {
  if (error instanceof SCIMMY.Types.Error)
    return new ScimError(error.status, error.message, error.scimType ?? undefined);
  return error instanceof TypeError ? new ScimError(400, error.message, 'invalidValue') : error;
}

/** What the library throws, it throws as a ScimError. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asScimError(error);
  }
}

export const parseUser = (body: unknown): ScimUser =>
  reading(() => checkLengths(new SCHEMAS.User(objectOf(body), 'in')));
export const parseGroup = (body: unknown): ScimGroup =>
  reading(() => checkLengths(new SCHEMAS.Group(objectOf(body), 'in')));
export const showUser = (resource: object): ScimUser => new SCHEMAS.User(resource, 'out', USERS);
export const showGroup = (resource: object): ScimGroup => new SCHEMAS.Group(resource, 'out', GROUPS);

function objectOf(body: unknown): object {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ScimError(400, 'the body must be one JSON object', 'invalidSyntax');
  checkBody(body);
  return body;
}

/** Applies a PATCH to a resource as it is shown; undefined when nothing changes. */
export async function patched<R extends ScimUser | ScimGroup>(current: R, body: unknown): Promise<R | undefined> {
  try {
    let changed: R | undefined;
    const message = withBooleans(checkOperations(objectOf(body))) as ConstructorParameters<
      typeof SCIMMY.Messages.PatchOp
    >[0];
    await new SCIMMY.Messages.PatchOp(message).apply(current, async (instance: R) => {
      changed = instance;
      return instance;
    });
    return changed && checkLengths(changed);
  } catch (error) {
    throw asScimError(error);
  }
}

/** Paths are members of a value too, where an operation has no path. */
function checkOperations(message: object): object {
  const { Operations: operations } = message as { readonly Operations?: unknown };
  for (const operation of Array.isArray(operations) ? operations : []) {
    const { op, path, value } = Object(operation) as { readonly [name in 'op' | 'path' | 'value']?: unknown };
    if (typeof path === 'string') checkPath(path);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      Object.keys(value).forEach((name) => checkPath(name));
    if (/^remove$/i.test(String(op)) && value !== undefined) checkRemoved(value);
  }
  return message;
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
