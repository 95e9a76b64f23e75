import { LinkCode } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { hashOfCode, newLinkCode } from './link-code.ts';

test('a code has all of its 128 bits, and is one that the contract takes', () => {
  expect(newLinkCode(Buffer.alloc(16))).toBe('0'.repeat(26));
  expect(newLinkCode(Buffer.alloc(16, 0xff))).toBe(`7${'Z'.repeat(25)}`);
  const codes = Array.from({ length: 1_000 }, () => newLinkCode());
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(LinkCode.parse(code.toLowerCase())).toBe(code);
});

test('the hash of a code is the same each time, of another code another one, and does not hold the code', () => {
  const code = newLinkCode();
  expect(hashOfCode(code)).toBe(hashOfCode(code));
  expect(hashOfCode(code)).not.toContain(code);
  expect(hashOfCode(code)).not.toBe(hashOfCode(newLinkCode()));
});
