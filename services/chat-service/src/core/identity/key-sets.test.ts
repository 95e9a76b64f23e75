import { ChatError } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import type { VerificationKey } from './jwk.ts';
import { type UnverifiedClaims, createKeySets, type KeySetConfig } from './key-sets.ts';

const keyOf = (pem: string): VerificationKey => ({ algorithms: ['ES256'], pem });
const config = (url: string, more: Partial<KeySetConfig> = {}): KeySetConfig => ({
  ...{ url, issuer: 'https://idp', audience: 'chat', tenants: new Set(['acme']) },
  ...more,
});
const claimed = (more: Partial<UnverifiedClaims> = {}): UnverifiedClaims => ({
  ...{ alg: 'ES256', kid: 'a', iss: 'https://idp', aud: 'chat', tid: 'acme' },
  ...more,
});

/** Key sets whose answer is what their URL says. */
function harness(...configs: KeySetConfig[]) {
  const asked: string[] = [];
  const sets = createKeySets(configs, (url) => ({
    async find() {
      asked.push(url);
      if (url === 'later') throw new ChatError('unavailable');
      return url === 'empty' ? undefined : keyOf(url);
    },
  }));
  return { asked, find: (more?: Partial<UnverifiedClaims>) => sets.keyFor(claimed(more)) };
}

describe('[AUTH-12] identity providers', () => {
  test('are asked only for what they may speak for', async () => {
    const { asked, find } = harness(
      config('one'),
      config('two', { issuer: 'https://other', tenants: new Set(['beta', 'gamma']) }),
      config('three', { audience: 'both', tenants: 'all' }),
    );
    expect((await find()).pem).toBe('one');
    expect((await find({ iss: 'https://other', tid: 'gamma' })).pem).toBe('two');
    expect((await find({ aud: ['x', 'both'], tid: 'anybody' })).pem).toBe('three');
    asked.length = 0;
    for (const more of [
      { tid: 'beta' },
      { iss: 'https://other' },
      { aud: 'x' },
      { iss: undefined },
      { aud: undefined },
    ]) {
      await expect(find(more)).rejects.toMatchObject({ code: 'unauthorized' });
    }
    expect(asked).toEqual([]);
  });

  test('of the same issuer are asked in turn, also when one cannot be read', async () => {
    const { find } = harness(config('later'), config('empty'), config('last'));
    expect((await find()).pem).toBe('last');
    await expect(find({ alg: 'RS256' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(harness(config('empty')).find()).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('none: none is believed', async () => {
    await expect(harness().find()).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
