import { ChatError } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { attempt } from './attempt.ts';

const TRIED = { tid: 'tenant', account: 'ann@example.com', address: '127.0.0.1' };

/** How many attempts count in the end. */
async function counted(work: () => Promise<unknown>): Promise<number> {
  let taken = 0;
  const limits = {
    takeSignIn: () => Promise.resolve((taken += 1) && 0),
    giveSignInBack: () => Promise.resolve(void (taken -= 1)),
    takeMail: () => Promise.resolve(0),
  };
  await attempt({ limits }, TRIED, work).catch(() => {});
  return taken;
}

test('[ACCT-9] an attempt counts when what was given is wrong, and not when it is right or we have failed', async () => {
  expect(await counted(() => Promise.reject(new ChatError('unauthorized')))).toBe(1);
  expect(await counted(() => Promise.resolve('right'))).toBe(0);
  expect(await counted(() => Promise.reject(new ChatError('unavailable')))).toBe(0);
  expect(await counted(() => Promise.reject(new ChatError('forbidden')))).toBe(0);
  expect(await counted(() => Promise.reject(new Error('a connection is lost')))).toBe(0);
});
