/** A tenant's identity providers, as the operator and the tenant's own admins keep them: whoever made one keeps it. */
import { ChatError } from '@messagecore/protocol';
import type {
  CreateProvider,
  Keeper,
  Provider,
  ProviderSettings,
  UpdateProvider,
} from '@messagecore/protocol/features';
import { and, count, eq } from '../../platform/database/drizzle.ts';
import type { Secrets } from '../../core/identity/secrets.ts';
import { lockTenant } from '../../core/tenants/lock-tenant.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { endLater } from './end-sign-ins.job.ts';
import { checkSameSubjects } from './rules.ts';
import { externalIdentities, identityProviders } from './tables.ts';

/** Of one tenant. */
const MOST = 20;

export interface ProviderDeps {
  readonly sql: Sql;
  readonly secrets: Secrets;
  /** Throws `bad_request` for settings that this installation does not allow whoever keeps them. */
  readonly checkSettings: (settings: ProviderSettings, keptBy: Keeper) => void;
}

/** Who asks, and from which address. */
export interface By {
  readonly actor: string;
  readonly address: string;
}

/** The operator is `operator` to the audit log, and nobody else is. */
const keeperOf = ({ actor }: By): Keeper => (actor === 'operator' ? 'operator' : 'tenant');

interface Named {
  readonly tid: string;
  readonly id: string;
}

type Row = typeof identityProviders.$inferSelect;

export const secretAt = (tid: string, row: string) => ({ tid, column: 'identity_providers.secret', row }) as const;

const unknown = () => new ChatError('not_found', 'no such identity provider');

const isProvider = (tid: string, id: string) => and(eq(identityProviders.tenantId, tid), eq(identityProviders.id, id));

function viewOf({ id, settings, secretSealed, keptBy, createdAt }: Row): Provider {
  return { providerId: id, settings, hasSecret: secretSealed !== null, keptBy, createdAt: createdAt.getTime() };
}

/**
 * Throws `forbidden` for the tenant where the operator keeps the provider: what the tenant might change decides what is asked in
 * networks that only the operator opens. The operator may change a tenant's, which stays the tenant's.
 */
function checkMayChange(by: By, { keptBy }: Row): void {
  if (keptBy === 'operator' && keeperOf(by) === 'tenant')
    throw new ChatError('forbidden', 'the operator keeps this identity provider');
}

/** Throws `not_found` for an unknown tenant, `conflict` when there is one of that id or there are too many. */
export function createProvider(deps: ProviderDeps, by: By, tid: string, request: CreateProvider): Promise<Provider> {
  const { providerId: id, settings, secret } = request;
  const keptBy = keeperOf(by);
  deps.checkSettings(settings, keptBy);
  return deps.sql.begin(async (tx) => {
    await lockTenant(tx, tid);
    const [present] = await db(tx)
      .select({ count: count() })
      .from(identityProviders)
      .where(eq(identityProviders.tenantId, tid));
    if ((present?.count ?? 0) >= MOST)
      throw new ChatError('conflict', `a tenant has at most ${MOST} identity providers`);
    const secretSealed = secret === undefined ? null : deps.secrets.seal(secret, secretAt(tid, id));
    const [row] = await db(tx)
      .insert(identityProviders)
      .values({ tenantId: tid, id, settings, enabled: settings.enabled, secretSealed, keptBy })
      .onConflictDoNothing()
      .returning();
    if (row === undefined) throw new ChatError('conflict', 'there is an identity provider of this id');
    await audit(tx, by, tid, 'create_identity_provider', { target: id, after: viewOf(row) });
    return viewOf(row);
  });
}

export async function listProviders(sql: Sql, tid: string): Promise<Provider[]> {
  const rows = await db(sql)
    .select()
    .from(identityProviders)
    .where(eq(identityProviders.tenantId, tid))
    .orderBy(identityProviders.id);
  return rows.map(viewOf);
}

/** Throws `not_found`. */
export async function getProvider(sql: Sql, { tid, id }: Named): Promise<Provider> {
  const [row] = await db(sql).select().from(identityProviders).where(isProvider(tid, id));
  if (row === undefined) throw unknown();
  return viewOf(row);
}

/**
 * Throws `not_found`, `forbidden` for a tenant whose operator keeps it, and `bad_request` for a change of what subjects mean. Switched off, its sign-ins and their sessions end.
 */
export function updateProvider(
  deps: ProviderDeps,
  by: By,
  { tid, id }: Named,
  { settings, secret }: UpdateProvider,
): Promise<Provider> {
  return deps.sql.begin(async (tx) => {
    const [before] = await db(tx).select().from(identityProviders).where(isProvider(tid, id)).for('update');
    if (before === undefined) throw unknown();
    checkMayChange(by, before);
    if (settings !== undefined) {
      deps.checkSettings(settings, before.keptBy);
      checkSameSubjects(before.settings, settings);
    }
    const sealed = secret === null || secret === undefined ? null : deps.secrets.seal(secret, secretAt(tid, id));
    const [after] = await db(tx)
      .update(identityProviders)
      .set({
        ...(settings && { settings, enabled: settings.enabled }),
        ...(secret !== undefined && { secretSealed: sealed }),
      })
      .where(isProvider(tid, id))
      .returning();
    if (after === undefined) throw new Error('the identity provider vanished under its lock');
    if (before.enabled && !after.enabled) await endLater(tx, tid, id);
    const change = { target: id, before: viewOf(before), after: { ...viewOf(after), newSecret: secret !== undefined } };
    await audit(tx, by, tid, 'update_identity_provider', change);
    return viewOf(after);
  });
}

/** Throws `not_found`, `forbidden` as for a change. Whoever signed in by it stays a user whose sign-ins end, and is nobody to a later provider of the same id. */
export function deleteProvider({ sql }: Pick<ProviderDeps, 'sql'>, by: By, { tid, id }: Named): Promise<void> {
  return sql.begin(async (tx) => {
    const [gone] = await db(tx).delete(identityProviders).where(isProvider(tid, id)).returning();
    if (gone === undefined) throw unknown();
    checkMayChange(by, gone);
    await db(tx)
      .delete(externalIdentities)
      .where(and(eq(externalIdentities.tenantId, tid), eq(externalIdentities.providerId, id)));
    await endLater(tx, tid, id);
    await audit(tx, by, tid, 'delete_identity_provider', { target: id, before: viewOf(gone) });
  });
}

function audit(
  tx: Transaction,
  { actor, address }: By,
  tid: string,
  action: string,
  { target, ...states }: { readonly target: string; readonly before?: object; readonly after?: object },
): Promise<void> {
  return appendAudit(tx, tid, { actor, address, action, target: `identity_provider:${target}`, ...states });
}
