import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecrets, parseKeyRing, type SecretLocation } from './secrets.ts';

const key = () => randomBytes(32).toString('base64');
const place = (): SecretLocation => ({ tid: randomUUID(), column: 'tenants.jwt_secret' });
const ring = (text: string) => createSecrets(parseKeyRing(text)!);

test('what was sealed opens in its place alone, and never reads twice alike', () => {
  const secrets = ring(`a:${key()}`);
  const here = place();
  const sealed = secrets.seal('Größe 📱', here);
  expect(sealed).not.toContain('Größe');
  expect(secrets.open(sealed, here)).toBe('Größe 📱');
  expect(secrets.seal('Größe 📱', here)).not.toBe(sealed);
  expect(() => secrets.open(sealed, place())).toThrow('unable to authenticate');
});

test('a damaged text does not open', () => {
  const secrets = ring(`a:${key()}`);
  const here = place();
  const sealed = secrets.seal('secret', here);
  const damaged = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const text of [damaged, sealed.slice(0, 10), 'a.', '', sealed.slice(2)])
    expect(() => secrets.open(text, here)).toThrow(/authenticat|the key|tag|initialization vector/);
});

test('keys are changed: the old one still opens, the first one seals, a missing one is named', () => {
  const [older, newer] = [`old:${key()}`, `new:${key()}`];
  const here = place();
  const sealed = ring(older).seal('secret', here);
  const both = ring(`${newer},${older}`);
  expect(both.open(sealed, here)).toBe('secret');
  expect([both.isCurrent(sealed), both.isCurrent(both.seal('secret', here))]).toEqual([false, true]);
  expect(() => ring(newer).open(sealed, here)).toThrow('the key old, which SECRETS_KEYS does not have');
});

test.each(['', 'a', `a:${'x'.repeat(20)}`, `:${key()}`, `a:${key()},a:${key()}`, `a b:${key()}`, `a:${key()},`])(
  '%j is no ring of keys',
  (text) => {
    expect(parseKeyRing(text)).toBeUndefined();
  },
);
