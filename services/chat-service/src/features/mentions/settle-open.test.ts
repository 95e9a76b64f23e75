import { expect, test } from 'vitest';
import type { Sql } from '../../platform/database/connect.ts';
import type { Place } from './find-open.ts';
import { SETTLED_IN_A_ROW, settleEach } from './settle-open.ts';

const background = { begin: (work: (tx: unknown) => unknown) => work(undefined) } as unknown as Sql;
const signals = { inboxAgain: () => {} };

/** In `busy` there is always one more; in `quiet` behind it there is one. */
function next(_: Sql, after: Place | undefined) {
  const isBusy = after === undefined || (after.cid === 'busy' && after.seq < 1_000);
  const place = isBusy ? { cid: 'busy', seq: (after?.seq ?? 0) + 1 } : { cid: 'quiet', seq: 1 };
  return Promise.resolve(after?.cid === 'quiet' ? undefined : { tid: 'tenant', ...place });
}

test('[MEN-11] a conversation in which more come than are settled holds up no other', async () => {
  const settled: string[] = [];
  const { signal } = new AbortController();
  await settleEach({ background, signals, next, signal }, (_, { cid }) => Promise.resolve(settled.push(cid)));
  expect(settled).toEqual([...Array<string>(SETTLED_IN_A_ROW).fill('busy'), 'quiet']);
});

test('a look that is aborted ends behind the message under way', async () => {
  const stopping = new AbortController();
  let settled = 0;
  await settleEach({ background, signals, next, signal: stopping.signal }, () => {
    stopping.abort();
    return Promise.resolve((settled += 1));
  });
  expect(settled).toBe(1);
});
