/** Sign-in by identity providers, and what directories provision: both find users by way of accounts. */
import { accountPorts, type AccountsDeps } from '../features/accounts/feature.ts';
import { createScim, userOfDirectory } from '../features/scim/feature.ts';
import { createSso, type SsoDeps } from '../features/sso/feature.ts';
import type { App } from '../platform/http/app-type.ts';

type Deps = AccountsDeps & Omit<SsoDeps, keyof ReturnType<typeof accountPorts>>;

export function createProviderSignIn(deps: Deps) {
  const ports = accountPorts(deps);
  // Whom an account knows by the address, else whom the tenant's directory does.
  const userOfVerifiedEmail: typeof ports.userOfVerifiedEmail = async (tx, tid, email) =>
    (await ports.userOfVerifiedEmail(tx, tid, email)) ?? userOfDirectory(tx, tid, email);
  const sso = createSso({ ...deps, ...ports, userOfVerifiedEmail });
  const scim = createScim({ ...deps, ...ports });
  return {
    ...sso,
    operations: [...sso.operations, ...scim.operations],
    jobs: [...sso.jobs, ...scim.jobs],
    userData: [...sso.userData, ...scim.userData],
    routes: (app: App) => scim.routes(app),
  };
}
