import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import type { Sql } from '../../platform/database/connect.ts';
import { ANSWER_WITHIN_MS } from '../../platform/rate-limits/deadline.ts';
import type { Send } from './ports.ts';
import { sendScheduled } from './send-scheduled.job.ts';

const message = JSON.stringify({ kind: 'text', body: { text: 'later' } });
const job = { id: 1, kind: 'send', tid: 'tenant', attempt: 1, payload: { cid: 'c', uid: 'ann', mid: 'm', version: 1 } };

test('[LATER-4] the time for sending begins before the message is marked: a process that is paused then sends nothing late', async () => {
  const clock = new VirtualClock();
  const deadlines: (number | undefined)[] = [];
  const send: Send = async (_items, until) => {
    deadlines.push(until);
    return [{ seq: 1, at: 1, repeat: false }];
  };
  // Paused for a minute after the statement that marks it.
  const sql = (() => {
    clock.advance(60_000);
    return [{ message, active: true, merging: false, generation: -1 }];
  }) as unknown as Sql;
  const begun = clock.monotonic();
  await sendScheduled({ send, publishEvents: () => {} }, clock).effect?.(sql, job as never);
  expect(deadlines).toEqual([begun + ANSWER_WITHIN_MS]);
});
