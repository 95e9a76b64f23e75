/** The fields that a tenant adds to the profiles of its users. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { NewField, ProfileField } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Reader } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { auditUser } from './audit-user.ts';
import { profileFields } from './tables.ts';

const { tenantId, ...columns } = {
  tenantId: profileFields.tenantId,
  name: profileFields.name,
  label: profileFields.label,
  type: profileFields.type,
  visibleTo: profileFields.visibleTo,
};

/** All fields of a tenant, by name. */
export function readFields(sql: Sql | Transaction, tid: string): Promise<ProfileField[]> {
  return db(sql).select(columns).from(profileFields).where(eq(tenantId, tid)).orderBy(profileFields.name);
}

/** Those that this reader may see of anybody at all. */
export async function listFields(sql: Sql, { tid, uid }: Reader): Promise<ProfileField[]> {
  const fields = await readFields(sql, tid);
  return uid === undefined ? fields : fields.filter(({ visibleTo }) => visibleTo !== 'backend');
}

/** Adds a field or changes it. Throws `conflict` when the tenant has as many as it may. */
export function putField(sql: Sql, caller: Reader, { name, ...field }: NewField & { readonly name: string }) {
  const { tid } = caller;
  return sql.begin(async (tx): Promise<ProfileField> => {
    // Of two at the same time, the second counts the first.
    await lockTenant(tx, tid);
    const fields = await readFields(tx, tid);
    const others = fields.filter((known) => known.name !== name);
    if (others.length >= LIMITS.profileFields) {
      throw new ChatError('conflict', `a tenant has ${LIMITS.profileFields} fields at most`);
    }
    await db(tx)
      .insert(profileFields)
      .values({ tenantId: tid, name, ...field })
      .onConflictDoUpdate({ target: [tenantId, profileFields.name], set: field });
    const change = { before: settingsOf(fields.find((known) => known.name === name)), after: field };
    await auditUser(tx, caller, { action: 'put_profile_field', target: `profile-field:${name}`, ...change });
    return { name, ...field };
  });
}

/** Its values are seen no more. Doing it again changes nothing. */
export function deleteField(sql: Sql, caller: Reader, name: string): Promise<void> {
  const { tid } = caller;
  return sql.begin(async (tx) => {
    const [before] = await db(tx)
      .delete(profileFields)
      .where(and(eq(tenantId, tid), eq(profileFields.name, name)))
      .returning(columns);
    if (before === undefined) return;
    const change = { before: settingsOf(before) };
    await auditUser(tx, caller, { action: 'delete_profile_field', target: `profile-field:${name}`, ...change });
  });
}

/** All but the name. */
function settingsOf(field: ProfileField | undefined): NewField | undefined {
  if (field === undefined) return undefined;
  const { name: _, ...settings } = field;
  return settings;
}
