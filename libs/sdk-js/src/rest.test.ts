import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { type FetchLike, Rest } from './rest.ts';
import { settle } from './test/fake-gateway.ts';
import { type TokenProvider, TokenSource } from './token.ts';

function setup(fetch: FetchLike, provider: TokenProvider = () => 'token') {
  const clock = new VirtualClock();
  const tokens = new TokenSource(provider, clock);
  return { clock, tokens, rest: new Rest({ api: 'https://api.test/chat', tokens, fetch, clock }) };
}

/** An answer whose body begins and never ends. */
const stalled = () =>
  new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{')) }));

test.each([
  ['whose body stalls', () => Promise.resolve(stalled())],
  ['that never comes', () => new Promise<Response>(() => undefined)],
])('an answer %s is none after a while', async (_, fetch: FetchLike) => {
  const { clock, rest } = setup(fetch);
  const failure = rest.request('GET', '/v1/me').catch((error: unknown) => error);
  await settle();
  clock.advance(20_000);
  expect(await failure).toMatchObject({ code: 'unavailable' });
});

test('a path prefix of the API is kept', async () => {
  const asked: string[] = [];
  const { rest } = setup((url) => {
    asked.push(url as string);
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  expect(await rest.request('GET', '/v1/me', { query: { limit: 1 } })).toBeUndefined();
  expect(asked).toEqual(['https://api.test/chat/v1/me?limit=1']);
});

test('a page of somebody in between is no answer', async () => {
  const { rest } = setup(() => Promise.resolve(new Response('<html>sign in</html>')));
  await expect(rest.request('GET', '/v1/me')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a call of one user is not repeated as another', async () => {
  const authorized: unknown[] = [];
  const { rest, tokens } = setup((_, { headers } = {}) => {
    authorized.push((headers as Record<string, string>)['authorization']);
    tokens.forget();
    return Promise.resolve(new Response(null, { status: 401 }));
  });
  await expect(rest.request('POST', '/v1/x')).rejects.toMatchObject({ code: 'unauthorized' });
  expect(authorized).toEqual(['Bearer token']);
});
