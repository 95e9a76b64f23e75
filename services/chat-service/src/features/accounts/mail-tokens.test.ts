import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMailTokens } from './mail-tokens.ts';

test('tokens of mails differ, and a nonce shows none without the key', () => {
  const tokens = createMailTokens(randomBytes(32));
  const [one, other] = [tokens.make(), tokens.make()];
  expect(one.token).not.toBe(other.token);
  expect(one.token).toMatch(/^[\w-]{43}$/);
  expect(tokens.of(one.nonce)).toBe(one.token);
  expect(createMailTokens(randomBytes(32)).of(one.nonce)).not.toBe(one.token);
});
