import {
  sql,
  bigint,
  boolean,
  check,
  index,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from '../../platform/database/drizzle.ts';
import { bytes, counter, json, moment } from '../../platform/database/columns.ts';

/** Users who sign in with an e-mail address, which is in lower case, and a password. */
export const accounts = pgTable(
  'accounts',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    email: text('email').notNull(),
    /** Argon2id: platform/passwords/phc.ts. */
    passwordHash: text('password_hash').notNull(),
    /** Language of mails. */
    locale: text('locale', { enum: ['en', 'zh'] }).notNull(),
    /** Secret of the second factor, encrypted: identity/secrets.ts. */
    totpSealed: text('totp_sealed'),
    /** Whether it counts: its first code was given. */
    totpConfirmed: boolean('totp_confirmed').notNull().default(false),
    /** The step of the last code that was taken; codes of it and before are refused. */
    totpStep: bigint('totp_step', { mode: 'number' }).notNull().default(0),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    unique('accounts_email').on(table.tenantId, table.email),
  ],
);

/** What a mail carries, as a hash: the latest of each purpose and address. Used once. */
export const accountTokens = pgTable(
  'account_tokens',
  {
    hash: text('hash').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    purpose: text('purpose', { enum: ['confirm', 'invitation', 'reset'] }).notNull(),
    email: text('email').notNull(),
    /** Of `confirm`, a sign-up, and `invitation`: what the account will be. */
    details: json('details').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    unique('account_tokens_one').on(table.tenantId, table.purpose, table.email),
    check('account_tokens_purpose', sql`${table.purpose} in ('confirm', 'invitation', 'reset')`),
  ],
);

/** SHA-256 of each recovery code that was not used yet. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId, table.hash] })],
);

/** Credentials of WebAuthn by which users sign in without a password. */
export const passkeys = pgTable(
  'passkeys',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** The authenticator's own name for it, in base64url. */
    credentialId: text('credential_id').notNull(),
    /** In COSE. */
    publicKey: bytes('public_key').notNull(),
    /** Of the authenticator's signatures, as the last one said; 0 when it does not count. */
    counter: counter('counter').notNull(),
    name: text('name').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [
    unique('passkeys_credential').on(table.tenantId, table.credentialId),
    index('passkeys_user').on(table.userId),
  ],
);

/** Hashes of challenges that passkeys have answered, until they are too old: each counts once. */
export const usedChallenges = pgTable(
  'used_challenges',
  {
    tenantId: uuid('tenant_id').notNull(),
    hash: text('hash').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.hash] }),
    index('used_challenges_expired').on(table.expiresAt),
  ],
);

/** Devices on which users are signed in, one row each. */
export const signIns = pgTable(
  'sign_ins',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    clientId: text('client_id').notNull(),
    /** The identity provider by which the user came in; null for a password. */
    providerId: text('provider_id'),
    /** Of the device when it signed in: whatever revokes the device ends this too. */
    generation: counter('generation').notNull(),
    /** Number of the refresh token that counts. */
    rotation: counter('rotation').notNull(),
    address: text('address').notNull(),
    signedInAt: moment('signed_in_at').notNull().defaultNow(),
    refreshedAt: moment('refreshed_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    unique('sign_ins_device').on(table.userId, table.clientId),
    index('sign_ins_expired').on(table.expiresAt),
    index('sign_ins_provider')
      .on(table.tenantId, table.providerId)
      .where(sql`provider_id is not null`),
  ],
);
