import { ChatError } from '@messagecore/protocol';
import type { Keeper, SignedIn, SignInLdap } from '@messagecore/protocol/features';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { AddressGuard } from '../../platform/outbound/address.ts';
import { findProvider } from './find-provider.ts';
import { askDirectory } from './ldap.ts';
import { letsIn } from './lets-in.ts';
import { type LinkDeps, linkIdentity } from './link-identity.ts';
import type { SsoPorts } from './ports.ts';
import { roleOf, textOf } from './rules.ts';

export interface LdapSignInDeps extends SsoPorts, LinkDeps {
  readonly secrets: Secrets;
  readonly guards: Readonly<Record<Keeper, AddressGuard>>;
}

/**
 * Throws `not_found` for an unknown provider, `unauthorized` for a wrong user name or password, `rate_limited` after too many of
 * them, `forbidden` for somebody who may not be a user, `unavailable`.
 */
export async function signInLdap(
  deps: LdapSignInDeps,
  { tenant, providerId, username, password, clientId }: SignInLdap,
  address: string,
): Promise<SignedIn> {
  const provider = await findProvider(deps, tenant, providerId, 'ldap');
  const { tid, settings } = provider;
  const tried = { tid, account: `${providerId} ${username.toLowerCase()}`, address };
  const { id, claims } = await deps.attempt(tried, async () => {
    const entry = await askDirectory(provider, deps.guards[provider.keptBy], { username, password });
    if (entry === undefined) throw new ChatError('unauthorized', 'the user name or the password is wrong');
    return entry;
  });
  const person = {
    subject: id,
    displayName: textOf(claims[settings.displayNameAttribute]),
    // Whoever keeps the directory may write any address into it.
    verifiedEmail: undefined,
    role: roleOf(settings.roles, claims),
  };
  const uid = await linkIdentity(deps, provider, person, address);
  return deps.signIn({ tid, uid, clientId, address, providerId }, letsIn(provider, uid));
}
