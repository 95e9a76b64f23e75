import { afterEach, expect, test } from 'vitest';
import { createPasswordHashes, type PasswordHashes } from './password-hashes.ts';
import { hashOfNone, parseHash, saltOf } from './phc.ts';

const CHEAP = { memory: 64, passes: 1, parallelism: 1 };

let hashes: PasswordHashes;
afterEach(() => hashes.stop());

test('a password has its hash and no other, in whatever form its letters were typed', async () => {
  hashes = createPasswordHashes({ parameters: CHEAP });
  const hash = await hashes.hash('a', 'Jos\u00e9 has a password');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await hashes.verify('a', 'Jose\u0301 has a password', hash)).toBe(true);
  expect(await hashes.verify('a', 'Jose has a password', hash)).toBe(false);
  expect(await hashes.hash('a', 'Jos\u00e9 has a password')).not.toBe(hash);
});

test('without a hash no password is right', async () => {
  hashes = createPasswordHashes({ parameters: CHEAP });
  expect(await hashes.verify('a', '', undefined)).toBe(false);
});

test('a hash of another cost is outdated, and still of use', async () => {
  hashes = createPasswordHashes({ parameters: { ...CHEAP, passes: 2 } });
  const old = createPasswordHashes({ parameters: CHEAP });
  const hash = await old.hash('a', 'secret');
  await old.stop();
  expect([hashes.isOutdated(hash), hashes.isOutdated(await hashes.hash('a', 'x'))]).toEqual([true, false]);
  expect(await hashes.verify('a', 'secret', hash)).toBe(true);
  const anew = await hashes.rehash('a', 'secret', hash);
  expect([hashes.isOutdated(anew), await hashes.verify('a', 'secret', anew)]).toEqual([false, true]);
  expect(saltOf(anew)).toBe(saltOf(hash));
  expect(saltOf(await hashes.hash('a', 'secret'))).not.toBe(saltOf(hash));
});

test('a bounded number waits, a part of which is of one tenant; more are refused and told when to come back', async () => {
  hashes = createPasswordHashes({ parameters: CHEAP, threads: 1 });
  const ask = (key: string) => hashes.hash(key, 'secret').catch((error: unknown) => error);
  const asked = ['a', 'b'].map((key) => Promise.all(Array.from({ length: 100 }, () => ask(key))));
  const [one, other] = await Promise.all(asked);
  const refused = [...one!, ...other!].filter((answer) => typeof answer !== 'string');
  expect(one!.filter((answer) => typeof answer === 'string')).toHaveLength(75);
  expect(other!.filter((answer) => typeof answer === 'string')).toHaveLength(25);
  expect(refused).toHaveLength(100);
  for (const error of refused) expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
});

test('those who do not fit are refused before their work has begun; room is free again when work ends', async () => {
  hashes = createPasswordHashes({ parameters: CHEAP, threads: 1 });
  let begun = 0;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const work = () => {
    begun += 1;
    return over;
  };
  const come = (key: string) =>
    Promise.allSettled(Array.from({ length: 100 }, () => hashes.admit(key, work))).then((all) =>
      all.filter(({ status }) => status === 'rejected'),
    );
  const refused = [come('a'), come('b')];
  await expect(hashes.admit('c', work)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: expect.any(Number),
  });
  expect(begun).toBe(100);
  end();
  expect((await Promise.all(refused)).map(({ length }) => length)).toEqual([25, 75]);
  await hashes.admit('c', work);
});

test('once stopped it answers no more, and nobody waits for ever', async () => {
  hashes = createPasswordHashes({ threads: 1 });
  const answers = Promise.allSettled(Array.from({ length: 50 }, () => hashes.hash('a', 'secret')));
  await hashes.stop();
  expect((await answers).map(({ status }) => status)).toContain('rejected');
  await expect(hashes.hash('a', 'secret')).rejects.toMatchObject({ code: 'unavailable' });
});

test.each(['', '$argon2i$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA', '$argon2id$v=19$m=64,t=1$c2FsdA$aGFzaA', '$2b$10$abc'])(
  'no hash: %j',
  (text) => {
    hashes = createPasswordHashes({ parameters: CHEAP });
    expect(() => parseHash(text)).toThrow('not a hash');
    expect(parseHash(hashOfNone(CHEAP))).toMatchObject(CHEAP);
  },
);
