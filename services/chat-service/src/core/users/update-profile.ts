import { isDeepStrictEqual } from 'node:util';
import { ChatError, type FieldError } from '@messagecore/protocol';
import { type FieldValue, isOfType, type ProfileChange, type ProfileField } from '@messagecore/protocol/features';
import { eq, sql as part } from '../../platform/database/drizzle.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf } from '../../platform/database/expressions.ts';
import { readFields } from './profile-fields.ts';
import { userProfiles } from './tables.ts';

/**
 * Writes what the change names; true when some value is another one than before. The caller holds the user's row. Throws
 * `bad_request` naming fields that the tenant has not declared, or whose values do not fit.
 */
export async function updateProfile(
  tx: Transaction,
  caller: Reader,
  { tid, uid }: Actor,
  change: ProfileChange,
): Promise<boolean> {
  const { status, fields, avatar, bio, locale, timeZone } = change;
  if (fields !== undefined) checkFields(caller, await readFields(tx, tid), fields);
  const own = { avatar, bio, locale, timeZone, ...(status !== undefined && statusColumns(status)) };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0 && fields === undefined) return false;
  const [before] = await db(tx).select(values).from(userProfiles).where(eq(userProfiles.userId, uid));
  const [after] = await db(tx)
    .insert(userProfiles)
    .values({ userId: uid, tenantId: tid, ...given, fields: withoutNulls(fields ?? {}) })
    .onConflictDoUpdate({
      target: userProfiles.userId,
      set: { ...given, ...(fields !== undefined && { fields: merged(fields) }) },
    })
    .returning(values);
  return !isDeepStrictEqual(before ?? NOTHING, after);
}

const { avatar, bio, locale, timeZone, statusText, statusEmoji, statusUntil, fields } = userProfiles;
const values = { avatar, bio, locale, timeZone, statusText, statusEmoji, statusUntil, fields };
/** Of a user without a row. */
const NOTHING = { ...{ avatar: null, bio: null, locale: null, timeZone: null }, ...statusColumns(null), fields: {} };

type Fields = Readonly<Record<string, FieldValue | null>>;

function checkFields({ uid }: Reader, declared: readonly ProfileField[], fields: Fields): void {
  const byName = new Map(declared.map((field) => [field.name, field]));
  const errors = Object.entries(fields).flatMap(([name, value]): FieldError[] => {
    const field = byName.get(name);
    const path = `fields.${name}`;
    // What only the back end sees is to users as if it were not declared.
    if (field === undefined || (uid !== undefined && field.visibleTo === 'backend')) {
      return [{ path, message: 'no such field' }];
    }
    return value === null || isOfType(field.type, value) ? [] : [{ path, message: `must be of type ${field.type}` }];
  });
  if (errors.length === 0) return;
  throw new ChatError('bad_request', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), { errors });
}

function statusColumns(status: NonNullable<ProfileChange['status']> | null) {
  if (status === null) return { statusText: null, statusEmoji: null, statusUntil: null };
  return { statusText: status.text, statusEmoji: status.emoji, statusUntil: momentOf(status.until) };
}

const withoutNulls = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, FieldValue] => entry[1] !== null));

/** Scalars alone, so that a null in them means the field itself. */
const merged = (fields: Fields) =>
  part`jsonb_strip_nulls(${userProfiles.fields} || ${JSON.stringify(fields)}::text::jsonb)`;
