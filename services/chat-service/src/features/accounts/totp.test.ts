import { Secret, URI } from 'otpauth';
import { expect, test } from 'vitest';
import { newTotp, stepOf } from './totp.ts';

/** Of RFC 6238, appendix B; six of its eight digits. */
const SECRET = Secret.fromLatin1('12345678901234567890').base32;

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('[ACCT-7] at %i s the code is %s', (seconds, code) => {
  const step = Math.floor(seconds / 30);
  expect(stepOf(SECRET, code, seconds * 1_000)).toBe(step);
  expect(stepOf(SECRET, code, (seconds + 30) * 1_000)).toBe(step);
  expect(stepOf(SECRET, code, (seconds - 30) * 1_000)).toBe(step);
  expect(stepOf(SECRET, code, (seconds + 90) * 1_000)).toBeUndefined();
});

test('a new secret has 160 bits, and its address says what apps need', () => {
  const { secret, uri } = newTotp('Acme & Sons', 'ann@example.com');
  expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
  expect(URI.parse(uri)).toMatchObject({ issuer: 'Acme & Sons', label: 'ann@example.com', digits: 6, period: 30 });
  expect(newTotp('', '').secret).not.toBe(secret);
});
