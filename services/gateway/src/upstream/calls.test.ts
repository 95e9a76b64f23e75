import type { RpcItem } from '@messagecore/protocol/bus';
import { isRpcError } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Calls } from './calls.ts';

/** Chat-services that answer everything but what waits for the server of such a tenant. */
function calls(isStuck: (tid: string) => boolean) {
  let stuck = 0;
  const through = new Calls({
    request: async (payload) => {
      const { items } = JSON.parse(payload) as { items: RpcItem<'call'>[] };
      if (items.some(({ tid, op }) => op === 'messages.translate' && isStuck(tid))) {
        stuck += 1;
        await new Promise(() => {});
      }
      return Buffer.from(JSON.stringify({ items: items.map(() => ({ data: 'answered' })) }));
    },
    lanes: 1,
    maxBytes: 1_000_000,
  });
  const call = (tid: string, op: string, more: { readonly cid?: string } = {}) =>
    through.call({ tid, uid: `one of ${tid}`, expiresAt: 1, op, ...more } as unknown as RpcItem<'call'>);
  return { call, stuck: () => stuck };
}

const translate = 'messages.translate';

test('[ENDP-4] tenants whose servers never answer keep nobody else’s calls waiting, of translations neither', async () => {
  const { call, stuck } = calls((tid) => tid !== 'another');
  const refused: Promise<unknown>[] = [];
  for (const tid of ['first', 'second', 'third']) {
    const before = stuck();
    for (let n = 0; n < 200; n += 1) refused.push(call(tid, translate));
    await expect.poll(stuck).toBeGreaterThan(before);
  }
  const pending = stuck();
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () => call('another', translate)),
    ...Array.from({ length: 128 }, () => call('another', 'users.me')),
    ...Array.from({ length: 128 }, () => call('first', 'users.me')),
    call('another', 'drafts.set', { cid: '0000000' }),
  ]);
  expect(answers.filter((answer) => isRpcError(answer))).toEqual([]);
  expect(stuck()).toBe(pending);
  expect(await Promise.race(refused)).toMatchObject({ error: 'unavailable', retryAfterMs: expect.any(Number) });
});
