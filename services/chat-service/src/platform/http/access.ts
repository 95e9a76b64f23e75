import type { ApiKeyScope } from '@messagecore/protocol/features';

/**
 * `anyone`: nobody is asked. `operator`: the platform's. `backend`: a tenant's API key. `user`: a user, or a back end that
 * acts for one. `tenant`: a user or a back end, for whomever. `self`: a user, by a token of their own.
 */
export type Access = 'anyone' | 'operator' | 'backend' | 'user' | 'tenant' | 'self';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route. One that does not say is refused when it is added. */
    access?: Access;
    /** What an API key needs; left out, `read` for a `GET` and `write` for everything else. */
    scope?: ApiKeyScope;
  }
}
