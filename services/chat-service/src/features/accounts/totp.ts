/** The second factor: time-based codes of RFC 6238, as authenticator apps make them. */
import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
/** Steps before and after the present one whose codes are taken: clocks differ, and people type slowly. */
const WINDOW = 1;

function totpOf(secret: string, issuer = '', label = ''): TOTP {
  const shape = { algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS };
  return new TOTP({ ...shape, issuer, label, secret: Secret.fromBase32(secret) });
}

export interface NewTotp {
  /** In base 32. */
  readonly secret: string;
  /** What authenticator apps read. */
  readonly uri: string;
}

export function newTotp(issuer: string, label: string): NewTotp {
  const secret = new Secret({ size: SECRET_BYTES }).base32;
  return { secret, uri: totpOf(secret, issuer, label).toString() };
}

/** The step to which a code belongs; undefined when it is none of now. */
export function stepOf(secret: string, code: string, nowMs: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, window: WINDOW, timestamp: nowMs });
  return delta === null ? undefined : Math.floor(nowMs / 1_000 / PERIOD_SECONDS) + delta;
}
