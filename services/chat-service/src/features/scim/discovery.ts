/** What clients find out about the server (RFC 7644, 4). */
import { COUNT } from './query.ts';
import { BASE_PATH, SCHEMAS } from './schema.ts';

const NAMES = ['User', 'Group'] as const;

export const serviceProviderConfig = (): object => ({
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
});

/** By the collection's name: each resource has a path of its own too, with its id. */
export const DISCOVERED: Readonly<Record<string, () => readonly { readonly id: string }[]>> = {
  Schemas: () => NAMES.map((name) => SCHEMAS[name].definition.describe(`${BASE_PATH}/Schemas`)),
  ResourceTypes: () =>
    NAMES.map((name) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      ...{ id: name, name, endpoint: `/${name}s`, schema: SCHEMAS[name].definition.id },
      meta: { resourceType: 'ResourceType', location: `${BASE_PATH}/ResourceTypes/${name}` },
    })),
};
