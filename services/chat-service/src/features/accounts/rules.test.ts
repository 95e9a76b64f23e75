import { expect, test } from 'vitest';
import { checkNewPassword, hasCountedOn, hashOfRecoveryCode, newRecoveryCodes, userHandleOf } from './rules.ts';

const takes = (password: string, email = 'ann.miller@example.com') => {
  try {
    checkNewPassword(password, email);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['password1', false],
  ['PASSWORD1', false],
  ['ＰＡＳＳＷＯＲＤ１', false],
  ['1234567890', false],
  ['aaaaaaaaaaaaaaaa', false],
  ['Ann.Miller@example.com', false],
  ['ann.miller', false],
  ['correct horse battery staple', true],
  ['只有我知道的密码', true],
  ['all lower case', true],
])('[ACCT-8] %s is a password: %s', (password, expected) => {
  expect(takes(password)).toBe(expected);
});

test('recovery codes differ, and are read however they are typed', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^[2-9a-hjkmnp-z]{4}(?:-[2-9a-hjkmnp-z]{4}){3}$/);
    expect(hashOfRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')}`)).toBe(hashOfRecoveryCode(code));
  }
});

test.each([
  [0, 0, true],
  [0, 1, true],
  [5, 6, true],
  [5, 900, true],
  [5, 5, false],
  [5, 4, false],
  [5, 0, false],
])('[PASSKEY-5] a counter of %s, then %s: taken is %s', (before, counter, isTaken) => {
  expect(hasCountedOn(before, counter)).toBe(isTaken);
});

test('a user is named to authenticators by the bytes of the id', () => {
  const handle = userHandleOf('00112233-4455-6677-8899-aabbccddeeff');
  expect(Buffer.from(handle, 'base64url').toString('hex')).toBe('00112233445566778899aabbccddeeff');
});
