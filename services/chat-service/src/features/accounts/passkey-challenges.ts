/**
 * What authenticators sign: a nonce and when it ends, with an HMAC that binds both to a tenant, and for adding a passkey to a
 * user. Nothing is stored for whoever asks; what was answered rightly is noted as used until it is too old.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow } from '../../platform/database/expressions.ts';
import { hashOfSecret } from './rules.ts';
import { usedChallenges } from './tables.ts';

export const CHALLENGE_MS = 5 * 60_000;

const NONCE_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 32;
/** A used one is remembered for longer than it counts: clocks of processes and of the database differ. */
const REMEMBERED_MS = 2 * CHALLENGE_MS;

/** What a challenge is for: adding a passkey to a user's account, or without `uid` a sign-in. */
export interface ChallengeUse {
  readonly tid: string;
  readonly uid?: string;
}

export interface PasskeyChallenges {
  /** In base64url. */
  make(use: ChallengeUse, nowMs: number): string;
  /** Whether it was made here for this use and is not too old; it may have been used. */
  counts(challenge: string, use: ChallengeUse, nowMs: number): boolean;
}

export function createPasskeyChallenges(key: Buffer): PasskeyChallenges {
  const macOf = (content: Buffer, { tid, uid }: ChallengeUse) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tid, uid ?? null]))
      .update(content)
      .digest();

  return {
    make(use, nowMs) {
      const content = Buffer.alloc(NONCE_BYTES + TIME_BYTES);
      randomBytes(NONCE_BYTES).copy(content);
      content.writeUIntBE(nowMs + CHALLENGE_MS, NONCE_BYTES, TIME_BYTES);
      return Buffer.concat([content, macOf(content, use)]).toString('base64url');
    },
    counts(challenge, use, nowMs) {
      const bytes = Buffer.from(challenge, 'base64url');
      if (bytes.length !== NONCE_BYTES + TIME_BYTES + MAC_BYTES) return false;
      const content = bytes.subarray(0, NONCE_BYTES + TIME_BYTES);
      const isOurs = timingSafeEqual(macOf(content, use), bytes.subarray(content.length));
      return isOurs && nowMs < content.readUIntBE(NONCE_BYTES, TIME_BYTES);
    },
  };
}

/** Uses a challenge up, if the transaction commits. False when it was used before. */
export async function spendChallenge(tx: Transaction, tid: string, challenge: string): Promise<boolean> {
  // The bytes, which base64url may write in several ways.
  const hash = hashOfSecret(Buffer.from(challenge, 'base64url').toString('hex'));
  const { count } = await db(tx)
    .insert(usedChallenges)
    .values({ tenantId: tid, hash, expiresAt: fromNow(REMEMBERED_MS) })
    .onConflictDoNothing();
  return count === 1;
}
