/** What users tell about themselves, and the fields that a tenant adds to it. */
import { z } from 'zod';
import { Millis, storable } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { Emoji } from '../wire/message.ts';
import { line, name, picture } from './names.ts';

/** A status of text, emoji or both. From `until` on there is none. */
export const UserStatus = z
  .object({ text: z.string(), emoji: Emoji.nullable(), until: Millis.nullable() })
  .meta({ id: 'UserStatus' });
export type UserStatus = z.infer<typeof UserStatus>;

const NewStatus = z
  .object({
    text: line(100).default(''),
    emoji: Emoji.nullable().default(null),
    until: Millis.nullable().default(null),
  })
  .refine(({ text, emoji }) => text !== '' || emoji !== null, { message: 'needs a text or an emoji' })
  .meta({ id: 'NewStatus' });

/** A language tag in its canonical form; undefined for what is none. */
function localeOf(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined;
  }
}

const locale = storable()
  .max(35)
  .refine((text) => localeOf(text) !== undefined, { message: 'must be a language tag (BCP 47)' })
  .overwrite((text) => localeOf(text) ?? text);

/** Areas have a slash in their names, and `UTC` none: what else a browser takes, offsets among them, is no place. */
function isTimeZone(text: string): boolean {
  if (text !== 'UTC' && !/^[A-Za-z]+\//.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text }).format(0);
    return true;
  } catch {
    return false;
  }
}

const timeZone = storable().max(64).refine(isTimeZone, { message: 'must be a time zone of the IANA database' });

export const FieldName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'must be a letter and up to 31 letters, digits and underscores')
  .meta({ id: 'FieldName', description: 'Name of a field that the tenant adds to profiles' });

/** A `date` is `2026-01-31`, a `url` an address as of a picture. */
export const FieldType = z.enum(['text', 'number', 'boolean', 'date', 'url']).meta({ id: 'FieldType' });
export type FieldType = z.infer<typeof FieldType>;

/** `everyone` who sees the user; the user `self`; the `backend` alone, which alone writes it then. The back end sees all. */
export const FieldVisibility = z.enum(['everyone', 'self', 'backend']).meta({ id: 'FieldVisibility' });
export type FieldVisibility = z.infer<typeof FieldVisibility>;

export const FieldValue = z
  .union([storable().max(500), z.number(), z.boolean()])
  .meta({ id: 'FieldValue', description: 'A value of the type that the tenant has declared' });
export type FieldValue = z.infer<typeof FieldValue>;

const CHECKS: Readonly<Record<FieldType, z.ZodType>> = {
  text: z.string().min(1),
  number: z.number(),
  boolean: z.boolean(),
  date: z.iso.date(),
  url: picture(500),
};
export function isOfType(type: FieldType, value: FieldValue): boolean {
  return CHECKS[type].safeParse(value).success;
}

/** What others see of a user beside the name. */
export const Profile = z.object({
  avatar: z.string().nullable(),
  bio: z.string().nullable(),
  status: UserStatus.nullable(),
  locale: z.string().nullable(),
  timeZone: z.string().nullable(),
  /** Those that the tenant has declared, and that the reader may see. */
  fields: z.record(FieldName, FieldValue),
});
export type Profile = z.infer<typeof Profile>;

const fieldsToChange = z
  .record(FieldName, FieldValue.nullable())
  .refine((fields) => Object.keys(fields).length <= LIMITS.profileFields, {
    message: `more than ${LIMITS.profileFields} fields`,
  });

/** Null takes away. Fields that are not named stay. */
export const ProfileChange = z.object({
  avatar: picture(2_000).nullable().optional(),
  bio: storable().trim().min(1).max(1_000).nullable().optional(),
  status: NewStatus.nullable().optional(),
  locale: locale.nullable().optional(),
  timeZone: timeZone.nullable().optional(),
  fields: fieldsToChange.optional(),
});
export type ProfileChange = z.infer<typeof ProfileChange>;

/** A field that a tenant adds to the profiles of its users. */
export const ProfileField = z
  .object({ name: FieldName, label: z.string(), type: FieldType, visibleTo: FieldVisibility })
  .meta({ id: 'ProfileField' });
export type ProfileField = z.infer<typeof ProfileField>;

export const FieldParams = z.object({ name: FieldName });
export const NewField = z
  .object({ label: name(100), type: FieldType, visibleTo: FieldVisibility.default('everyone') })
  .meta({ id: 'NewField' });
export type NewField = z.infer<typeof NewField>;
