import type { SealedSecrets } from '../../core/identity/sealed-secrets.ts';
import { db } from '../../platform/database/db.ts';
import { accounts } from './tables.ts';

export const totpSecrets: SealedSecrets = {
  ...{ name: 'second factors', column: 'accounts.totp' },
  ...{ tid: accounts.tenantId, row: accounts.userId, sealed: accounts.totpSealed },
  write: (sql, isIt, totpSealed) => db(sql).update(accounts).set({ totpSealed }).where(isIt),
};
