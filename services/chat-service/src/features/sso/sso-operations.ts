import { ssoOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { listOffered } from './find-provider.ts';
import {
  createProvider,
  deleteProvider,
  getProvider,
  listProviders,
  type ProviderDeps,
  updateProvider,
} from './provider-store.ts';
import { signInLdap, type LdapSignInDeps } from './sign-in-ldap.ts';
import { finishOidc, type OidcSignInDeps, startOidc } from './sign-in-oidc.ts';

export function bindSso(deps: ProviderDeps & OidcSignInDeps & LdapSignInDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.createProvider, (by, { id, ...request }) => createProvider(deps, by, id, request)),
    bindOperation(operations.listProviders, async (_, { id }) => ({ items: await listProviders(sql, id) })),
    bindOperation(operations.updateProvider, (by, { id: tid, providerId: id, ...change }) =>
      updateProvider(deps, by, { tid, id }, change),
    ),
    bindOperation(operations.deleteProvider, (by, { id: tid, providerId: id }) =>
      deleteProvider(deps, by, { tid, id }),
    ),
    bindOperation(operations.createOwnProvider, (by, request) => createProvider(deps, by, by.tid, request)),
    bindOperation(operations.listOwnProviders, async ({ tid }) => ({ items: await listProviders(sql, tid) })),
    bindOperation(operations.getOwnProvider, ({ tid }, { providerId: id }) => getProvider(sql, { tid, id })),
    bindOperation(operations.updateOwnProvider, (by, { providerId: id, ...change }) =>
      updateProvider(deps, by, { tid: by.tid, id }, change),
    ),
    bindOperation(operations.deleteOwnProvider, (by, { providerId: id }) =>
      deleteProvider(deps, by, { tid: by.tid, id }),
    ),
    bindOperation(operations.listOffered, async (_, { tenant }) => ({ items: await listOffered(sql, tenant) })),
    bindOperation(operations.startOidc, (_, request) => startOidc(deps, request)),
    bindOperation(operations.finishOidc, ({ address }, request) => finishOidc(deps, request, address)),
    bindOperation(operations.signInLdap, ({ address }, request) => signInLdap(deps, request, address)),
  ];
}
