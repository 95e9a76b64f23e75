/** `/health`, `/health/simple`, `/ready` and `/metrics`, the same on every service. */
import type { OpsRoutes } from '@messagecore/runtime';
import type { App } from './app-type.ts';

const PATHS = ['/health', '/health/simple', '/ready', '/metrics'];

export function addOps(app: App, ops: OpsRoutes): void {
  for (const path of PATHS) {
    app.get(path, { config: { access: 'anyone', rateLimit: false }, schema: { hide: true } }, async (_, reply) => {
      const answer = await ops(path);
      if (answer === undefined) return reply.callNotFound();
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    });
  }
}
