/** Provisioning of users and groups by a tenant's directory, with SCIM 2.0 (ACC-3). */
import type { App } from '../../platform/http/app-type.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindScim } from './scim-operations.ts';
import { scimRoutes } from './scim-routes.ts';
import type { ScimDeps } from './users.ts';

export { userOfEmail } from './users.ts';

export interface Scim {
  readonly operations: readonly BoundOperation[];
  routes(app: App): void;
}

export function createScim(deps: ScimDeps): Scim {
  return { operations: bindScim(deps.sql), routes: (app) => scimRoutes(app, deps) };
}
