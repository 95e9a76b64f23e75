import { generateKeyPairSync } from 'node:crypto';
import { VirtualClock } from '@messagecore/kernel';
import { describe, expect, test } from 'vitest';
import { createJwks } from './jwks.ts';

const ed = (kid?: string) => ({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid });

function harness(answer: () => unknown) {
  const clock = new VirtualClock();
  const state = { asked: 0 };
  const jwks = createJwks('https://keys.example', clock, async () => {
    state.asked += 1;
    return answer();
  });
  return { clock, jwks, state };
}

describe('key set', () => {
  test('is asked once for many, and again when it is no longer fresh', async () => {
    const { clock, jwks, state } = harness(() => ({ keys: [ed('a')] }));
    const found = await Promise.all([jwks.find('a'), jwks.find('a'), jwks.find('a')]);
    expect(found.map((key) => key?.algorithms)).toEqual([['EdDSA'], ['EdDSA'], ['EdDSA']]);
    clock.advance(9 * 60_000);
    await jwks.find('a');
    expect(state.asked).toBe(1);
    clock.advance(2 * 60_000);
    await jwks.find('a');
    expect(state.asked).toBe(2);
  });

  test('a new key is found soon; forged ids cannot hammer the address', async () => {
    const keys = [ed('a')];
    const { clock, jwks, state } = harness(() => ({ keys }));
    await jwks.find('a');
    clock.advance(4_000);
    for (const kid of ['x', 'y', 'z']) {
      await expect(jwks.find(kid)).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 6_001 });
    }
    expect(state.asked).toBe(1);
    keys.push(ed('b'));
    clock.advance(6_001);
    expect((await jwks.find('b'))?.algorithms).toEqual(['EdDSA']);
    expect(state.asked).toBe(2);
    clock.advance(10_001);
    expect(await jwks.find('x')).toBeUndefined();
    expect(state.asked).toBe(3);
  });

  test('while the address is away, known keys stay; without any, tokens cannot be judged', async () => {
    let up = false;
    const { clock, jwks } = harness(() => {
      if (!up) throw new Error('down');
      return { keys: [ed('a')] };
    });
    await expect(jwks.find('a')).rejects.toMatchObject({ code: 'unavailable' });
    up = true;
    clock.advance(10_001);
    expect(await jwks.find('a')).toBeDefined();
    up = false;
    clock.advance(60 * 60_000);
    expect(await jwks.find('a')).toBeDefined();
  });

  test('an address that never answered is asked no more often than one that did', async () => {
    const { clock, jwks, state } = harness(() => Promise.reject(new Error('down')));
    for (const kid of ['a', 'b', 'c']) await expect(jwks.find(kid)).rejects.toMatchObject({ code: 'unavailable' });
    expect(state.asked).toBe(1);
    clock.advance(10_001);
    await expect(jwks.find('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(state.asked).toBe(2);
  });

  test('an address that hangs keeps nobody for long, and those who come later not at all', async () => {
    const { clock, jwks, state } = harness(() => new Promise(() => {}));
    const first = jwks.find('a').catch((error: unknown) => error);
    clock.advance(1_000);
    expect(await first).toMatchObject({ code: 'unavailable' });
    await expect(jwks.find('b')).rejects.toMatchObject({ code: 'unavailable' });
    expect(state.asked).toBe(1);
  });

  test('a known key serves at once while the set is read again', async () => {
    let answer: unknown = { keys: [ed('a')] };
    const { clock, jwks, state } = harness(() => answer);
    await jwks.find('a');
    answer = new Promise(() => {});
    clock.advance(11 * 60_000);
    expect((await jwks.find('a'))?.algorithms).toEqual(['EdDSA']);
    expect(state.asked).toBe(2);
  });

  test('a single key serves tokens that name none; keys not for signatures serve nobody', async () => {
    const single = harness(() => ({
      keys: [ed(), { ...ed('enc'), use: 'enc' }, { kty: 'oct', k: 'abc', kid: 'oct' }],
    }));
    expect((await single.jwks.find(undefined))?.algorithms).toEqual(['EdDSA']);
    for (const kid of ['enc', 'oct']) {
      single.clock.advance(10_001);
      expect(await single.jwks.find(kid)).toBeUndefined();
    }
    const several = harness(() => ({ keys: [ed('a'), ed('b')] }));
    expect(await several.jwks.find(undefined)).toBeUndefined();
  });
});
