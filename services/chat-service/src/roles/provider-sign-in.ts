/**
 * Accounts, sign-in by identity providers, and what directories provision: the last two find users by way of accounts, and accounts
 * ask whether the provider of a sign-in is still there.
 */
import { accountPorts, type AccountsDeps, createAccounts } from '../features/accounts/feature.ts';
import { createScim, userOfDirectory } from '../features/scim/feature.ts';
import { createSso, providerPorts, type SsoDeps } from '../features/sso/feature.ts';
import type { App } from '../platform/http/app-type.ts';

type AccountDeps = Omit<AccountsDeps, keyof typeof providerPorts>;
type Deps = AccountDeps & Omit<SsoDeps, keyof ReturnType<typeof accountPorts>>;

export const createAccountSignIn = (deps: AccountDeps) => createAccounts({ ...deps, ...providerPorts });

export function createProviderSignIn(deps: Deps) {
  const ports = accountPorts({ ...deps, ...providerPorts });
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
