/** A directory, as it asks for SCIM. */
import type { TestTenant } from './people.ts';
import type { TestService } from './service.ts';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export interface ScimRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly key: string;
}

export async function askScim({ service }: TestService, { method, path, body, key }: ScimRequest) {
  const answer = await fetch(`${service.url}/scim/v2/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/scim+json; charset=utf-8' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    location: answer.headers.get('location'),
    retryAfter: answer.headers.get('retry-after'),
    body: text === '' ? null : JSON.parse(text),
  };
}

/** As a directory does: a user with this address. Returns its id. */
export async function provision(house: TestService, { apiKey }: TestTenant, email: string): Promise<string> {
  const body = { schemas: [USER], userName: email, emails: [{ value: email, primary: true }] };
  return (await askScim(house, { method: 'POST', path: 'Users', body, key: apiKey })).body.id;
}

let names = 0;

/** As Okta makes one. */
export const person = (userName = `user${(names += 1)}@example.org`) => ({
  schemas: [USER],
  userName,
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: userName, type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: `00u${names}`,
  groups: [],
  password: '1mz050nq',
  active: true,
});

export const group = (displayName: string, ...members: string[]) => ({
  schemas: [GROUP],
  displayName,
  members: members.map((value) => ({ value })),
});
