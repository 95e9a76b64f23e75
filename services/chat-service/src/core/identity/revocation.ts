/**
 * Whether a token was made before it was revoked. Tokens that were minted here carry a number, so no clock is asked: the
 * user's count of revocations, as it stood when the token's device was registered or last revoked. Tokens that a tenant
 * or an identity provider signed carry only the time of their issuer, whose clock nobody knows; it is compared with
 * PostgreSQL's alone, and `issuerSkewMs` keeps that safe: a token whose time is further ahead is refused for now, so
 * whatever worked before a revocation has a time of at most that much after it, and is refused from then on.
 */
import { LIMITS } from '@messagecore/protocol';
import type { Claims } from './tokens.ts';

/** The present status of tenant, user and device, as PostgreSQL has it. Times are milliseconds of its clock. */
export interface TokenStatus {
  readonly tenant: 'active' | 'suspended' | 'deleted' | null;
  readonly user: 'active' | 'deactivated' | 'deleted' | null;
  /** Number of revocations of the user's tokens; tokens without a device below `tokensGeneration` are refused. */
  readonly generation: number;
  readonly tokensGeneration: number;
  readonly tokensRevokedAt: number | null;
  /** Null for a device that is not registered. */
  readonly deviceGeneration: number | null;
  readonly deviceRevokedAt: number | null;
  /** Whether the last revocation of the device set a generation. An older version of the service sets none. */
  readonly deviceNumbered: boolean;
  readonly now: number;
}

export function isInForce(claims: Claims, standing: TokenStatus): boolean {
  if (!claims.minted) return isForeignInForce(claims, standing);
  if (claims.gen === undefined) return isUnnumberedInForce(claims, standing);
  if (claims.dev === undefined) return claims.gen >= standing.tokensGeneration;
  return claims.gen === standing.deviceGeneration && (standing.deviceNumbered || isNewer(claims, standing));
}

/**
 * What changes with every revocation of a token that is in force: the generation of its device, or where none is registered
 * that of the user's tokens, below zero so that it is never one of a device. It also changes when the device is registered
 * first, which tokens signed elsewhere outlive (docs/decisions/0047, Price). The statements that judge tokens compare it:
 * `tokenGeneration`, and the SQL of `append_messages`.
 */
export function generationOf({ deviceGeneration, tokensGeneration }: TokenStatus): number {
  return deviceGeneration ?? -1 - tokensGeneration;
}

function isForeignInForce({ iat, dev }: Claims, { now, ...standing }: TokenStatus): boolean {
  const issuedAt = (iat ?? 0) * 1000;
  if (issuedAt > now + LIMITS.issuerSkewMs) return false;
  const { tokensRevokedAt, deviceRevokedAt } = standing;
  const revokedAt = Math.max(tokensRevokedAt ?? -Infinity, (dev === undefined ? null : deviceRevokedAt) ?? -Infinity);
  return revokedAt === -Infinity || issuedAt > revokedAt + LIMITS.issuerSkewMs;
}

/**
 * For tokens minted by a version that set no `gen`; they expire within a day after that version is gone. Later
 * revocations and evictions have a generation. Revocations by that version are found by comparing times.
 */
function isUnnumberedInForce(claims: Claims, standing: TokenStatus): boolean {
  const { generation, tokensGeneration, deviceGeneration } = standing;
  if (tokensGeneration > 0) return false;
  if (claims.dev === undefined) return true;
  if ((deviceGeneration ?? generation) > 0) return false;
  return isNewer(claims, standing);
}

/** Compares times, as the version without generations did. */
function isNewer({ iatMs, iat }: Claims, { deviceRevokedAt }: TokenStatus): boolean {
  return deviceRevokedAt === null || (iatMs ?? (iat ?? 0) * 1000) > deviceRevokedAt;
}
