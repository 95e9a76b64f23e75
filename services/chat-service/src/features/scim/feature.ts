/** Provisioning of users and groups by a tenant's directory, with SCIM 2.0 (ACC-3). */
import type { UserData } from '../../core/users/user-data.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { ScimDeps } from './directory.ts';
import { giveRolesJob } from './give-roles.job.ts';
import { scimData } from './scim-data.ts';
import { bindScim } from './scim-operations.ts';
import { scimRoutes } from './scim-routes.ts';
import { userOfEmail } from './users.ts';

export interface Scim {
  readonly operations: readonly BoundOperation[];
  routes(app: App): void;
  readonly jobs: readonly JobKind[];
  readonly userData: readonly UserData[];
}

export function createScim(deps: ScimDeps): Scim {
  return {
    ...{ operations: bindScim(deps.sql), routes: (app: App) => scimRoutes(app, deps) },
    ...{ jobs: [giveRolesJob], userData: [scimData] },
  };
}

/** The user to whom the tenant's directory gave this address. */
export function userOfDirectory(tx: Transaction, tid: string, email: string): Promise<string | undefined> {
  return userOfEmail(tx, tid, email);
}
