import { describe, expect, test } from 'vitest';
import { isInForce, type TokenStatus } from './revocation.ts';
import type { Claims } from './tokens.ts';

const NOW = 1_800_000_000_000;
const standing = (more: Partial<TokenStatus> = {}): TokenStatus => ({
  tenant: 'active',
  user: 'active',
  generation: 0,
  tokensGeneration: 0,
  tokensRevokedAt: null,
  deviceGeneration: null,
  deviceRevokedAt: null,
  deviceNumbered: true,
  now: NOW,
  ...more,
});
const claims = (more: Partial<Claims>): Claims => ({
  sub: 'user',
  tid: 'tenant',
  exp: NOW / 1000 + 60,
  minted: true,
  ...more,
});
const holds = (token: Partial<Claims>, state: Partial<TokenStatus>) => isInForce(claims(token), standing(state));

describe('[REVK-5] minted tokens: the number decides, whatever their time says', () => {
  test.each([-86_400_000, -20_000, 0, 20_000, 86_400_000])('a clock that is %i ms off', (off) => {
    const token = { dev: 'phone', gen: 3, iatMs: NOW + off, iat: Math.floor((NOW + off) / 1000) };
    expect(holds(token, { deviceGeneration: 3, deviceRevokedAt: NOW })).toBe(true);
    for (const deviceGeneration of [4, 2, null]) {
      expect(holds(token, { deviceGeneration, generation: 4, deviceRevokedAt: NOW })).toBe(false);
    }
    expect(holds({ ...token, dev: undefined }, { generation: 9, tokensGeneration: 3 })).toBe(true);
    expect(holds({ ...token, dev: undefined }, { generation: 9, tokensGeneration: 4 })).toBe(false);
  });
});

describe('[REVK-5] [AUTH-12] tokens of others: PostgreSQL’s clock and a minute of room', () => {
  const at = (ms: number) => ({ minted: false, dev: 'phone', iat: (NOW + ms) / 1000 });

  test('further ahead than the room is refused, also where nothing was revoked', () => {
    expect([-1e9, 0, 60_000].map((ms) => holds(at(ms), {}))).toEqual([true, true, true]);
    expect(holds(at(61_000), {})).toBe(false);
  });

  test.each([-40_000, 0, 20_000, 59_000, 600_000])('an issuer whose clock is %i ms ahead', (ahead) => {
    // Tried every second for a long time, revoked at the moment zero.
    const issued = at(ahead - 1_000);
    const worked = holds(issued, { now: NOW - 1_000 });
    for (let ms = 0; ms <= 700_000; ms += 1_000) {
      const after = { now: NOW + ms, deviceRevokedAt: NOW };
      if (worked) expect(holds(issued, after), `${ms} ms later`).toBe(false);
    }
    expect(worked).toBe(ahead <= 60_000);
  });

  test('a token that is clearly newer works; one that says no time never does again', () => {
    const revoked = { deviceRevokedAt: NOW - 120_000 };
    expect(holds(at(-59_000), revoked)).toBe(true);
    expect(holds(at(-60_000), revoked)).toBe(false);
    expect(holds({ minted: false, dev: 'phone' }, revoked)).toBe(false);
    expect(holds({ minted: false, dev: 'phone' }, {})).toBe(true);
  });

  test('all tokens of a user; the number of a stranger means nothing', () => {
    expect(holds({ ...at(-1_000), dev: undefined }, { tokensRevokedAt: NOW })).toBe(false);
    expect(holds({ ...at(-1_000), gen: 7 }, { deviceGeneration: 7, deviceRevokedAt: NOW })).toBe(false);
  });
});

describe('tokens of the version before numbers', () => {
  const token = { dev: 'phone', iatMs: NOW };

  test('go on working until something of theirs is revoked', () => {
    expect(holds(token, { deviceGeneration: 0 })).toBe(true);
    expect(holds(token, { deviceGeneration: null })).toBe(true);
    expect(holds(token, { deviceGeneration: 0, generation: 5 })).toBe(true);
    expect(holds({ ...token, dev: undefined }, { generation: 5 })).toBe(true);
    expect(holds(token, { deviceGeneration: 6, generation: 6, deviceRevokedAt: NOW - 20_000 })).toBe(false);
    expect(holds(token, { deviceGeneration: null, generation: 6 })).toBe(false);
    expect(holds({ ...token, dev: undefined }, { tokensGeneration: 1 })).toBe(false);
  });

  test('a revocation by that version, beside this one, counts for tokens with a number', () => {
    const state = { deviceGeneration: 3, deviceRevokedAt: NOW, deviceNumbered: false };
    expect(holds({ ...token, gen: 3 }, state)).toBe(false);
    expect(holds({ ...token, gen: 3, iatMs: NOW + 1 }, state)).toBe(true);
  });

  test('and what that version revoked stays revoked', () => {
    expect(holds(token, { deviceGeneration: 0, deviceRevokedAt: NOW })).toBe(false);
    expect(holds(token, { deviceGeneration: 0, deviceRevokedAt: NOW - 1 })).toBe(true);
  });
});
