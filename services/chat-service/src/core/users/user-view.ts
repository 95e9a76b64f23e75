/** A user as readers see them: the columns, and what of the profile is for whom. */
import type { FieldValue, User, UserStatus } from '@messagecore/protocol/features';
import { eq, sql as part } from '../../platform/database/drizzle.ts';
import type { Reader } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { millis } from '../../platform/database/expressions.ts';
import { readFields } from './profile-fields.ts';
import { userProfiles, users } from './tables.ts';

/** Of `users`, left joined with `userProfiles` by `isProfile`. */
export const userColumns = {
  userId: users.id,
  externalId: users.externalId,
  displayName: users.displayName,
  role: users.role,
  status: users.status,
  createdAt: millis(users.createdAt),
  profile: {
    // First, as drizzle tells by the first column whether there is a row.
    userId: userProfiles.userId,
    avatar: userProfiles.avatar,
    bio: userProfiles.bio,
    locale: userProfiles.locale,
    timeZone: userProfiles.timeZone,
    statusText: userProfiles.statusText,
    statusEmoji: userProfiles.statusEmoji,
    statusUntil: millis(userProfiles.statusUntil),
    statusIsOver: part<boolean | null>`${userProfiles.statusUntil} <= now()`,
    fields: userProfiles.fields,
  },
};

export const isProfile = eq(userProfiles.userId, users.id);

interface ProfileRow {
  readonly avatar: string | null;
  readonly bio: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly statusText: string | null;
  readonly statusEmoji: string | null;
  readonly statusUntil: number | null;
  readonly statusIsOver: boolean | null;
  readonly fields: Record<string, FieldValue>;
}

export interface UserRow extends Pick<User, 'userId' | 'externalId' | 'displayName' | 'role' | 'createdAt'> {
  readonly status: (typeof users.$inferSelect)['status'];
  readonly profile: ProfileRow | null;
}

/** The users as this reader sees them. Asks for the tenant's fields where anybody has one. */
export async function viewUsers(sql: Sql | Transaction, reader: Reader, rows: readonly UserRow[]): Promise<User[]> {
  const hasFields = rows.some(({ profile }) => profile !== null && Object.keys(profile.fields).length > 0);
  const declared = hasFields ? await readFields(sql, reader.tid) : [];
  return rows.map(({ status, profile, ...user }) => {
    const seen = declared.filter(({ visibleTo }) => visibleTo === 'everyone' || isFor(reader, user.userId, visibleTo));
    return { ...user, deactivated: status !== 'active', ...profileOf(profile, new Set(seen.map(({ name }) => name))) };
  });
}

/** The back end sees everything, users what is theirs alone. */
function isFor({ uid }: Reader, owner: string, visibleTo: 'self' | 'backend'): boolean {
  return uid === undefined || (visibleTo === 'self' && uid === owner);
}

function profileOf(row: ProfileRow | null, seen: ReadonlySet<string>) {
  const { avatar = null, bio = null, locale = null, timeZone = null, fields = {} } = row ?? {};
  const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => seen.has(name)));
  return { avatar, bio, status: statusOf(row), locale, timeZone, fields: shown };
}

function statusOf(row: ProfileRow | null): UserStatus | null {
  if (row === null || row.statusText === null || row.statusIsOver === true) return null;
  return { text: row.statusText, emoji: row.statusEmoji, until: row.statusUntil };
}
