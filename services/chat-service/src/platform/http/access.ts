import type { ApiKeyScope, Definition } from '@messagecore/protocol/features';

/**
 * `anyone`: nobody is asked. `operator`: the platform's. `backend`: a tenant's API key. `user`: a user, or a back end that
 * acts for one. `tenant`: a user or a back end, for whomever; `tenantAdmin`: the same, but of users only the tenant's
 * admins. `self`: a user, by a token of their own.
 */
export type Access = 'anyone' | Definition['access'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route. One that does not say is refused when it is added. */
    access?: Access;
    /** What an API key needs. A route for tenants that does not say is refused when it is added. */
    scope?: ApiKeyScope;
  }
}
