import type { EndpointUse } from '@messagecore/protocol/features';
import { db } from '../../platform/database/db.ts';
import type { SealedSecrets } from '../identity/sealed-secrets.ts';
import { tenantEndpoints } from './tables.ts';

/** Both secrets of an endpoint are bound to its row: one becomes the other as it is. */
const COLUMN = 'tenant_endpoints.secret';

export const secretAt = (tid: string, use: EndpointUse) => ({ tid, column: COLUMN, row: use }) as const;

const KEY = { column: COLUMN, tid: tenantEndpoints.tenantId, row: tenantEndpoints.use } as const;

/** With which requests to tenants' endpoints are signed. */
export const endpointSecrets: readonly SealedSecrets[] = [
  {
    ...KEY,
    name: 'secrets of endpoints',
    sealed: tenantEndpoints.secretSealed,
    write: (sql, isIt, secretSealed) => db(sql).update(tenantEndpoints).set({ secretSealed }).where(isIt),
  },
  {
    ...KEY,
    name: 'previous secrets of endpoints',
    sealed: tenantEndpoints.previousSecretSealed,
    write: (sql, isIt, previousSecretSealed) =>
      db(sql).update(tenantEndpoints).set({ previousSecretSealed }).where(isIt),
  },
];
