/** The endpoints of a tenant's own server, as its admins keep them. */
import { randomBytes } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import type { Endpoint, EndpointUse, EndpointWithSecret } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, millis, now } from '../../platform/database/expressions.ts';
import { auditCaller } from '../identity/audit-caller.ts';
import type { Reader } from '../identity/caller.ts';
import type { Secrets } from '../identity/secrets.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { secretAt } from './endpoint-secrets.ts';
import { tenantEndpoints } from './tables.ts';

export interface EndpointDeps {
  readonly sql: Sql;
  readonly secrets: Pick<Secrets, 'seal'>;
  /** Whether `http:` is allowed beside `https:`. */
  readonly plainHttp: boolean;
}

const SECRET_BYTES = 32;
const HOUR_MS = 3_600_000;

const newSecret = () => `mcs_${randomBytes(SECRET_BYTES).toString('base64url')}`;

const { use: useColumn, tenantId } = tenantEndpoints;

const isIt = (tid: string, use: EndpointUse) => and(eq(tenantId, tid), eq(useColumn, use));

const VIEW = {
  use: useColumn,
  url: tenantEndpoints.url,
  previousSecretUntil: millis(tenantEndpoints.previousSecretUntil),
  changedAt: millis(tenantEndpoints.changedAt),
};

/** In the log without its query, which may carry a secret. */
function shownInLog({ url, ...others }: Endpoint) {
  const { origin, pathname } = new URL(url);
  return { ...others, url: origin + pathname };
}

export function listEndpoints(sql: Sql, tid: string): Promise<Endpoint[]> {
  return db(sql).select(VIEW).from(tenantEndpoints).where(eq(tenantId, tid)).orderBy(useColumn);
}

/** One that is there keeps its secret. Throws `bad_request` for a URL that this installation does not allow. */
export function setEndpoint(
  deps: EndpointDeps,
  by: Reader,
  use: EndpointUse,
  url: string,
): Promise<EndpointWithSecret> {
  const { tid } = by;
  if (!deps.plainHttp && !url.toLowerCase().startsWith('https:')) {
    const errors = [{ path: 'url', message: 'must begin with https:' }];
    throw new ChatError('bad_request', 'url: must begin with https:', { errors });
  }
  return deps.sql.begin(async (tx) => {
    await lockTenant(tx, tid);
    const before = await lockEndpoint(tx, tid, use);
    const secret = before === undefined ? newSecret() : null;
    const set = { url, changedAt: now() };
    const [after] =
      secret === null
        ? await db(tx).update(tenantEndpoints).set(set).where(isIt(tid, use)).returning(VIEW)
        : await db(tx)
            .insert(tenantEndpoints)
            .values({ tenantId: tid, use, ...set, secretSealed: deps.secrets.seal(secret, secretAt(tid, use)) })
            .returning(VIEW);
    await audit(tx, by, 'set_endpoint', { use, before, after });
    return { ...stored(after), secret };
  });
}

/**
 * A new secret; the one of before signs beside it for so long, and one before that no more. Throws `not_found` where there is no
 * such endpoint.
 */
export function rotateSecret(
  { sql, secrets }: EndpointDeps,
  by: Reader,
  use: EndpointUse,
  overlapHours: number,
): Promise<EndpointWithSecret> {
  const { tid } = by;
  return sql.begin(async (tx) => {
    const before = await lockEndpoint(tx, tid, use);
    const secret = newSecret();
    const [after] = await db(tx)
      .update(tenantEndpoints)
      .set({
        secretSealed: secrets.seal(secret, secretAt(tid, use)),
        previousSecretSealed: tenantEndpoints.secretSealed,
        previousSecretUntil: fromNow(overlapHours * HOUR_MS),
        changedAt: now(),
      })
      .where(isIt(tid, use))
      .returning(VIEW);
    if (after === undefined) throw new ChatError('not_found', 'no such endpoint');
    await audit(tx, by, 'rotate_endpoint_secret', { use, before, after });
    return { ...after, secret };
  });
}

/** Doing it again changes nothing. */
export function removeEndpoint(sql: Sql, by: Reader, use: EndpointUse): Promise<void> {
  return sql.begin(async (tx) => {
    const [before] = await db(tx).delete(tenantEndpoints).where(isIt(by.tid, use)).returning(VIEW);
    if (before !== undefined) await audit(tx, by, 'remove_endpoint', { use, before });
  });
}

async function lockEndpoint(tx: Transaction, tid: string, use: EndpointUse): Promise<Endpoint | undefined> {
  const [endpoint] = await db(tx).select(VIEW).from(tenantEndpoints).where(isIt(tid, use)).for('update');
  return endpoint;
}

function stored(endpoint: Endpoint | undefined): Endpoint {
  if (endpoint === undefined) throw new Error('no endpoint was stored');
  return endpoint;
}

interface Change {
  readonly use: EndpointUse;
  readonly before: Endpoint | undefined;
  readonly after?: Endpoint | undefined;
}

function audit(tx: Transaction, by: Reader, action: string, { use, before, after }: Change): Promise<void> {
  const states = { before: before && shownInLog(before), after: after && shownInLog(after) };
  return auditCaller(tx, by, { action, target: `endpoint:${use}`, ...states });
}
