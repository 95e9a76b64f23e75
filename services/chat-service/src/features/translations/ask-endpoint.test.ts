import { deferred } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { OutboundError } from '../../platform/outbound/outbound-error.ts';
import { isTenantFault } from '../../platform/outbound/tenant-fault.ts';
import { askOnce, translateBy } from './ask-endpoint.ts';
import type { Said } from './asked.ts';

const ASKED = { tid: 't', cid: 'c', seq: 1, to: 'fr', body: '{"text":"yes"}' } as const;
const [ANN, BOB] = ['ann', 'bob'].map((uid) => ({ tid: 't', uid }));

test('[TRANS-5] who shares a question does not share that somebody else asks too often', async () => {
  const ann = deferred<Said>();
  const asked: string[] = [];
  const ask = askOnce(async (_asked, { uid }) => {
    asked.push(uid);
    return uid === 'ann' ? ann.promise : { text: 'oui', from: null };
  });
  const answers = [ask(ASKED, ANN!), ask(ASKED, BOB!)];
  ann.reject(new ChatError('rate_limited'));
  await expect(answers[0]).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await answers[1]).toEqual({ text: 'oui', from: null });
  expect(asked).toEqual(['ann', 'bob']);
});

test('[TRANS-3] and all else is shared', async () => {
  const said = deferred<Said>();
  let asked = 0;
  const ask = askOnce(() => ((asked += 1), said.promise));
  const answers = [ask(ASKED, ANN!), ask(ASKED, BOB!)];
  said.reject(new ChatError('unavailable'));
  await expect(answers[0]).rejects.toMatchObject({ code: 'unavailable' });
  await expect(answers[1]).rejects.toMatchObject({ code: 'unavailable' });
  expect(asked).toBe(1);
});

test('[TRANS-1] as long an answer as may be, escaped, is within the bound of bytes', async () => {
  const escaped = `{"text":"${'\\ud83d\\ude00'.repeat(48_000)}"}`;
  const { text } = await translateBy(async ({ maxBytes }) => {
    expect(escaped.length).toBeLessThanOrEqual(maxBytes);
    return { status: 200, headers: {}, body: Buffer.from(escaped) };
  })(ASKED);
  expect(text).toHaveLength(2 * 48_000);
});

test.each([
  ['does not answer', () => Promise.reject(new OutboundError('timeout', 'no answer in time'))],
  ['answers nonsense', () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from('bonjour') })],
  ['fails', () => Promise.resolve({ status: 500, headers: {}, body: Buffer.from('') })],
])('[TRANS-1] an endpoint that %s is the tenant’s fault', async (_, postSigned) => {
  const error: unknown = await translateBy(postSigned)(ASKED).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(isTenantFault(error)).toBe(true);
});
