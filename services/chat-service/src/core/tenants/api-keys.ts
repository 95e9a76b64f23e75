/**
 * Keys of tenants' back ends. Only the SHA-256 of a key is stored: a key has 256 random bits, so a slow hash would guard
 * nothing, and looking the hash up tells a guesser nothing about any key.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { UserRef } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { LRUCache } from 'lru-cache';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { API_KEY_MARK, type AuthenticateKey } from '../identity/caller.ts';
import { scopesOf } from './scopes.ts';
import { apiKeys, type tenants } from './tables.ts';

const PREFIX_LENGTH = API_KEY_MARK.length + 8;
/** What `newApiKey` makes: anything else needs no look into the database. */
const SHAPE = /^mck_[\w-]{43}$/;
const REFUSAL = 'the API key is unknown, expired or revoked';
/** A key's last use is written down at most this often, as long as no more keys than this are in use. */
const USE_NOTED_MS = 60_000;
const KEYS_NOTED = 10_000;

export interface NewApiKey {
  /** What the tenant gets, once. */
  readonly key: string;
  readonly hash: string;
  /** Its readable beginning. */
  readonly prefix: string;
}

export function newApiKey(): NewApiKey {
  const key = API_KEY_MARK + randomBytes(32).toString('base64url');
  return { key, hash: hashOf(key), prefix: key.slice(0, PREFIX_LENGTH) };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

type Key = typeof apiKeys.$inferSelect;

interface KeyRow extends Pick<Key, 'hash' | 'scopes'> {
  readonly tid: Key['tenantId'];
  readonly keyId: Key['id'];
  readonly tenant: (typeof tenants.$inferSelect)['status'];
  readonly uid: string | null;
  readonly user: 'active' | 'deactivated' | 'deleted' | null;
}

export function createAuthenticateKey(
  sql: Sql,
  onError: (error: unknown) => void,
  clock: Clock = systemClock,
): AuthenticateKey {
  const noted = new LRUCache<string, number>({ max: KEYS_NOTED });

  function noteUse({ tid, keyId }: KeyRow): void {
    const at = clock.monotonic();
    if (at - (noted.get(keyId) ?? -Infinity) < USE_NOTED_MS) return;
    noted.set(keyId, at);
    db(sql)
      .update(apiKeys)
      .set({ lastUsedAt: now() })
      .where(and(eq(apiKeys.tenantId, tid), eq(apiKeys.id, keyId)))
      .catch(onError);
  }

  return async (key, onBehalfOf) => {
    if (!SHAPE.test(key)) throw new ChatError('unauthorized', REFUSAL);
    const hash = hashOf(key);
    const row = await findKey(sql, hash, parseUser(onBehalfOf));
    if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) {
      throw new ChatError('unauthorized', REFUSAL);
    }
    if (row.tenant === 'suspended') throw new ChatError('tenant_suspended');
    if (row.tenant === 'deleted') throw new ChatError('unauthorized', REFUSAL);
    if (onBehalfOf !== undefined) checkUser(row, onBehalfOf);
    noteUse(row);
    return {
      type: 'backend',
      tid: row.tid,
      uid: row.uid ?? undefined,
      keyId: row.keyId,
      scopes: scopesOf(row.scopes),
    };
  };
}

interface NamedUser {
  readonly id: string | null;
  readonly externalId: string | null;
}

const HEADER = 'x-on-behalf-of';

function parseUser(text: string | undefined): NamedUser {
  if (text === undefined) return { id: null, externalId: null };
  const parsed = UserRef.safeParse(text);
  if (!parsed.success) {
    const errors = [{ path: HEADER, message: 'must be a user id or ext:<externalId>' }];
    throw new ChatError('bad_request', `${HEADER}: must be a user id or ext:<externalId>`, { errors });
  }
  return parsed.data.startsWith('ext:')
    ? { id: null, externalId: parsed.data.slice(4) }
    : { id: parsed.data, externalId: null };
}

/** Raw SQL: users are described above tenants. */
async function findKey(sql: Sql, hash: string, user: NamedUser): Promise<KeyRow | undefined> {
  const [row] = await sql<KeyRow[]>`
    select k.tenant_id as tid, k.id as "keyId", k.hash, k.scopes, t.status as tenant,
           coalesce(survivor.id, by_id.id, by_name.id) as uid,
           coalesce(survivor.status, by_id.status, by_name.status) as "user"
    from api_keys k
    join tenants t on t.id = k.tenant_id
    left join users by_id on by_id.id = ${user.id}::uuid and by_id.tenant_id = k.tenant_id
    left join users by_name on by_name.tenant_id = k.tenant_id and by_name.external_id = ${user.externalId}::text
    left join users survivor on survivor.id = coalesce(by_id.merged_into, by_name.merged_into)
    where k.hash = ${hash} and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;
  return row;
}

function checkUser({ user }: KeyRow, named: string): void {
  if (user === null || user === 'deleted') throw new ChatError('not_found', `no such user: ${named}`);
  if (user === 'deactivated') throw new ChatError('forbidden', 'the user is deactivated');
}
