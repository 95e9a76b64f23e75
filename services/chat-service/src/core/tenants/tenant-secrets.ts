import type { SealedSecrets } from '../identity/sealed-secrets.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from './tables.ts';

/** With which tenants sign their users' tokens. */
export const tenantSecrets: SealedSecrets = {
  ...{ name: 'tokens of tenants', column: 'tenants.jwt_secret' },
  ...{ tid: tenants.id, sealed: tenants.jwtSecretSealed, clear: tenants.jwtSecret },
  write: (sql, isIt, jwtSecretSealed) => db(sql).update(tenants).set({ jwtSecret: null, jwtSecretSealed }).where(isIt),
};
