import type { SealedSecrets } from '../../core/identity/sealed-secrets.ts';
import { db } from '../../platform/database/db.ts';
import { identityProviders } from './tables.ts';

export const providerSecrets: SealedSecrets = {
  ...{ name: 'identity providers', column: 'identity_providers.secret' },
  ...{ tid: identityProviders.tenantId, row: identityProviders.id, sealed: identityProviders.secretSealed },
  write: (sql, isIt, secretSealed) => db(sql).update(identityProviders).set({ secretSealed }).where(isIt),
};
