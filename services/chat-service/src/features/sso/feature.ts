/** Sign-in by a tenant's own identity providers, with OpenID Connect and LDAP (ACC-3). */
import { ChatError } from '@messagecore/protocol';
import type { Keeper, ProviderSettings } from '@messagecore/protocol/features';
import type { SealedSecrets } from '../../core/identity/sealed-secrets.ts';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import type { OnUserChange } from '../../core/users/extensions.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { createAddressGuard } from '../../platform/outbound/address.ts';
import type { Outbound } from '../../platform/outbound/outbound.ts';
import { endOwnersSignIns } from './end-owners-sign-ins.ts';
import { endSignIns } from './end-sign-ins.job.ts';
import { stillLetsIn } from './find-provider.ts';
import { identityData } from './identity-data.ts';
import { createOidc } from './oidc.ts';
import type { SsoPorts } from './ports.ts';
import { providerSecrets } from './provider-secrets.ts';
import { isEncrypted } from './rules.ts';
import { forgetFlows } from './sign-in-oidc.ts';
import { bindSso } from './sso-operations.ts';

export interface SsoDeps extends SsoPorts {
  readonly sql: Sql;
  readonly createUser: CreateUser;
  readonly secrets: Secrets;
  /** To providers that the operator keeps. */
  readonly outbound: Pick<Outbound, 'fetch'>;
  /** To those that a tenant keeps: at public addresses alone, and over TLS. */
  readonly publicOutbound: Pick<Outbound, 'fetch'>;
  /**
   * Networks that the operator's providers may be in although they are not public; without any, they are asked over TLS alone, as
   * a tenant's always are.
   */
  readonly exemptNetworks: readonly string[];
}

export interface Sso {
  readonly operations: readonly BoundOperation[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
  readonly userData: readonly UserData[];
  readonly onUserChange: OnUserChange;
}

const FORGET_FLOWS = 'forget sign-ins that were not finished';

export function createSso(deps: SsoDeps): Sso {
  const { exemptNetworks } = deps;
  const checkSettings = (settings: ProviderSettings, keptBy: Keeper) => {
    if (isEncrypted(settings, keptBy) || (keptBy === 'operator' && exemptNetworks.length > 0)) return;
    throw new ChatError(
      'bad_request',
      'settings: what is said to an identity provider must be encrypted, and from the start to a tenant’s own',
    );
  };
  const oidc = createOidc({ operator: deps.outbound, tenant: deps.publicOutbound });
  const guards = { operator: createAddressGuard(exemptNetworks), tenant: createAddressGuard() };
  return {
    operations: bindSso({ ...deps, oidc, guards, checkSettings }),
    jobs: [{ kind: FORGET_FLOWS, run: (tx) => forgetFlows(tx) }, endSignIns(deps)],
    schedules: [{ name: FORGET_FLOWS, cron: '*/10 * * * *' }],
    userData: [identityData],
    onUserChange: endOwnersSignIns(deps),
  };
}

/** What accounts need to know of providers. */
export const providerPorts = { stillLetsIn };

/** What is encrypted with the ring of keys. */
export const ssoSecrets: readonly SealedSecrets[] = [providerSecrets];
