import type { SealedSecrets } from '../core/identity/sealed-secrets.ts';
import { tenantSecrets } from '../core/tenants/tenant-secrets.ts';
import { accountSecrets } from '../features/accounts/feature.ts';
import { ssoSecrets } from '../features/sso/feature.ts';

/** All that are encrypted with the ring of keys, in the whole product. */
export const SEALED_SECRETS: readonly SealedSecrets[] = [tenantSecrets, ...accountSecrets, ...ssoSecrets];
