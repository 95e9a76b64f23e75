import { deferred, VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { expiryOf, TokenSource } from './token.ts';

const clock = new VirtualClock();
const jwt = (payload: object) => `h.${btoa(JSON.stringify(payload)).replaceAll('+', '-').replaceAll('/', '_')}.s`;
const expiring = (inMs: number) => jwt({ exp: (clock.now() + inMs) / 1_000 });

test('a token is used until it has run out, or somebody wants a fresh one', async () => {
  let made = 0;
  const source = new TokenSource(() => (made++ === 0 ? expiring(5_000) : expiring(60_000)), clock);
  const first = await source.get();
  expect(await source.get()).toBe(first);
  clock.advance(5_000);
  const second = await source.get();
  expect(second).not.toBe(first);
  await source.get(true);
  expect(made).toBe(3);
});

test('whoever asks at the same time gets the same token', async () => {
  const answer = deferred<string>();
  let asked = 0;
  const source = new TokenSource(() => {
    asked += 1;
    return answer.promise;
  }, clock);
  const tokens = [source.get(), source.get(true), source.get()];
  answer.resolve('one');
  expect(await Promise.all(tokens)).toEqual(['one', 'one', 'one']);
  expect(asked).toBe(1);
});

test('a provider that fails is asked again', async () => {
  let asked = 0;
  const source = new TokenSource(() => (asked++ === 0 ? Promise.reject(new Error('down')) : 'token'), clock);
  await expect(source.get()).rejects.toThrow('down');
  expect(await source.get()).toBe('token');
});

test('a token is renewed a minute before its end, or at half of a short life, by the server’s clock', () => {
  const source = new TokenSource(() => '', clock);
  expect(source.renewInMs(expiring(600_000))).toBe(540_000);
  expect(source.renewInMs(expiring(60_000))).toBe(30_000);
  source.serverTime(clock.now() + 100_000);
  expect(source.renewInMs(expiring(600_000))).toBe(440_000);
  expect(source.renewInMs('opaque')).toBeUndefined();
  expect(new TokenSource('fixed', clock).renewInMs(expiring(600_000))).toBeUndefined();
});

test('reads the end of a JWT in any spelling of base 64, and nothing else', () => {
  expect(expiryOf(jwt({ exp: 7, name: 'ÿþ?>~' }))).toBe(7_000);
  for (const odd of ['', 'a.b', 'h.e30.s', jwt({ exp: 'soon' })]) expect(expiryOf(odd)).toBeUndefined();
});

test('a provider that never answers counts as failed, and what it says later is not mixed in', async () => {
  const slow = deferred<string>();
  let asked = 0;
  const source = new TokenSource(() => (asked++ === 0 ? slow.promise : 'second'), clock);
  const failure = source.get().catch((error: unknown) => error);
  clock.advance(30_000);
  expect(await failure).toMatchObject({ code: 'unavailable' });
  expect(await source.get()).toBe('second');
  slow.resolve('first');
  expect(await source.get()).toBe('second');
});

test('white space around a token is not part of it; what no header carries is refused', async () => {
  expect(await new TokenSource('a.b.c\n', clock).get()).toBe('a.b.c');
  expect(await new TokenSource(() => '\r\n a.b.c \n', clock).get()).toBe('a.b.c');
  for (const odd of ['', ' ', 'a b', 'a\nb', 'ключ', undefined, 7]) {
    await expect(new TokenSource(() => odd as string, clock).get()).rejects.toThrow('the token');
    if (typeof odd === 'string') expect(() => new TokenSource(odd, clock)).toThrow('the token');
  }
});

test('after `forget` nothing of the former user is used, not even a token on its way', async () => {
  const answers = [deferred<string>(), deferred<string>()];
  let asked = 0;
  const source = new TokenSource(() => answers[asked++]!.promise, clock);
  const former = source.get();
  source.forget();
  const present = source.get();
  answers[1]!.resolve('of-the-second');
  answers[0]!.resolve('of-the-first');
  expect([await former, await present, await source.get(), asked]).toEqual([
    'of-the-first',
    'of-the-second',
    'of-the-second',
    2,
  ]);
});
