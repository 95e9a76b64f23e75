/** The role `api`: the routes of REST, those of core, of the operator, and of every feature. */
import type { Bus } from '@messagecore/bus';
import type { Secrets } from '../core/identity/secrets.ts';
import type { PublicationOfCommits } from '../core/relay/start.ts';
import { createAuthenticateKey } from '../core/tenants/api-keys.ts';
import { auditRoutes } from '../platform/audit/audit-routes.ts';
import { consumerRoutes } from '../platform/consumers/consumer-routes.ts';
import type { Sql, Store } from '../platform/database/connect.ts';
import type { App } from '../platform/http/app-type.ts';
import { jobRoutes } from '../platform/jobs/job-routes.ts';
import { sagaRoutes } from '../platform/sagas/saga-routes.ts';
import type { Base } from './base.ts';
import type { Commands } from './commands.ts';
import type { Feature } from './features.ts';
import type { createIdentity } from './identity.ts';
import { sagaKinds } from './jobs.ts';
import type { createOperations } from './operations.ts';
import { addRoutes } from './routes.ts';

export interface ApiDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly background: Sql;
  readonly publication: Pick<PublicationOfCommits, 'publishEvents'>;
  readonly commands: Commands;
  readonly operations: ReturnType<typeof createOperations>;
  readonly secrets: Secrets;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly features: readonly Feature[];
}

export function addApi({ config, log }: Base, app: App, deps: ApiDeps): void {
  const { store, bus, background, publication, commands, operations, secrets, identity, features } = deps;
  const { sql } = store;
  addRoutes(app, {
    adminKey: config.adminKey,
    identify: identity.identifyOne,
    authenticateKey: createAuthenticateKey(sql, (err) => log.warn({ err }, 'last use of a key not noted')),
    ...{ sql, publishEvents: publication.publishEvents, secrets, commands, operations },
  });
  auditRoutes(app, sql);
  jobRoutes(app, sql);
  sagaRoutes(app, sql, sagaKinds(features));
  consumerRoutes(app, { sql, background, bus, kinds: features.flatMap(({ consumers = [] }) => consumers) });
  for (const feature of features) feature.routes?.(app);
}
