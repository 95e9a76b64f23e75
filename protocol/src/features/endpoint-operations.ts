/** The endpoints of a tenant. Its owner, its admins and its back end decide which. */
import { z } from 'zod';
import { Endpoint, EndpointParams, EndpointWithSecret, RotateEndpointSecret, SetEndpoint } from './endpoints.ts';
import { defineOperation } from './operation.ts';

const shared = { tag: 'Endpoints', access: 'tenantAdmin', scope: 'admin', laned: false } as const;
const deciding = { ...shared, params: EndpointParams, cost: { sends: 5 } } as const;

export const listEndpoints = defineOperation({
  ...shared,
  name: 'endpoints.list',
  summary: 'List the endpoints of the tenant’s own server, without their secrets',
  method: 'GET',
  path: '/v1/tenant/endpoints',
  result: z.object({ items: z.array(Endpoint) }),
  cost: 'page',
});

export const setEndpoint = defineOperation({
  ...deciding,
  name: 'endpoints.set',
  summary: 'Set an endpoint; a new one gets a secret, which is shown here only',
  method: 'PUT',
  path: '/v1/tenant/endpoints/:use',
  input: SetEndpoint,
  result: EndpointWithSecret,
});

export const rotateEndpointSecret = defineOperation({
  ...deciding,
  name: 'endpoints.rotateSecret',
  summary: 'Replace the secret of an endpoint by a new one, shown here only',
  method: 'POST',
  path: '/v1/tenant/endpoints/:use/rotate',
  input: RotateEndpointSecret,
  result: EndpointWithSecret,
});

export const removeEndpoint = defineOperation({
  ...deciding,
  name: 'endpoints.remove',
  summary: 'Ask an endpoint no more, and forget its secret',
  method: 'DELETE',
  path: '/v1/tenant/endpoints/:use',
});
