/** The role `api`: the routes of REST, those of all operations and what features add to them. */
import { createAuthenticateKey } from '../core/tenants/api-keys.ts';
import type { Store } from '../platform/database/connect.ts';
import type { App } from '../platform/http/app-type.ts';
import type { SystemWatch } from '../platform/system/watch-system.ts';
import type { Base } from './base.ts';
import type { Commands } from './commands.ts';
import type { Feature } from './features.ts';
import type { createIdentity } from './identity.ts';
import type { createOperations } from './operations.ts';
import { addRoutes } from './routes.ts';

export interface ApiDeps {
  readonly store: Pick<Store, 'sql'>;
  readonly commands: Commands;
  readonly operations: ReturnType<typeof createOperations>;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly features: readonly Feature[];
  readonly system: Pick<SystemWatch, 'refusal'>;
}

export function addApi({ config, log }: Base, app: App, deps: ApiDeps): void {
  const { store, commands, operations, identity, features, system } = deps;
  addRoutes(app, {
    adminKey: config.adminKey,
    signingKeys: config.signingKeys ?? [],
    identify: identity.identifyOne,
    authenticateKey: createAuthenticateKey(store.sql, (err) => log.warn({ err }, 'last use of a key not noted')),
    maintenance: system.refusal,
    ...{ commands, operations },
  });
  for (const feature of features) feature.routes?.(app);
}
