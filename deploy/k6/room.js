/**
 * One room with 1,000 members online (SLO-1, SLO-5): some send, all receive, every receipt is measured.
 *
 *   MEMBERS 1000 · SENDERS 50 · RATE 10 messages a second in all · SECONDS 60 · VUS 20
 */
import exec from 'k6/execution';
import { conversationOf, headsOf, tokensOf } from './lib/api.js';
import { Member, wait } from './lib/member.js';
import { number, PROMISES, shareOf, SHOWN, together } from './lib/settings.js';

const MEMBERS = number('MEMBERS', 1_000);
const SENDERS = number('SENDERS', 50);
const RATE = number('RATE', 10);
const SECONDS = number('SECONDS', 60);
const VUS = Math.min(MEMBERS, number('VUS', 20));
/** Until everybody is in. */
const ENTRY_MS = 10_000;

export const options = {
  scenarios: { room: together('members', VUS, SECONDS + 120) },
  thresholds: PROMISES,
  summaryTrendStats: SHOWN,
  setupTimeout: '5m',
};

const nameOf = (run, index) => `k6-room-${run}-${index}`;

export function setup() {
  const run = Date.now();
  const names = Array.from({ length: MEMBERS }, (_, index) => nameOf(run, index));
  tokensOf(names);
  return { run, cid: conversationOf('public', names), startsAt: Date.now() + ENTRY_MS };
}

export async function members({ run, cid, startsAt }) {
  const indexes = shareOf(exec.vu.idInTest, VUS, MEMBERS);
  const tokens = tokensOf(indexes.map((index) => nameOf(run, index)));
  const mine = tokens.map((token, n) => ({ index: indexes[n], member: new Member(token, indexes[n]) }));
  await Promise.all(mine.map(({ member }) => member.join(cid)));
  await wait(startsAt - Date.now());

  const ends = startsAt + SECONDS * 1_000;
  const every = (SENDERS / RATE) * 1_000;
  await Promise.all(
    mine
      .filter(({ index }) => index < SENDERS)
      .map(async ({ index, member }) => {
        await wait((every * index) / SENDERS);
        for (; Date.now() < ends; await wait(every)) member.send(cid);
      }),
  );
  // The others may still be sending.
  await wait(ends + 1_000 - Date.now());
  const heads = headsOf([cid]);
  await Promise.all(mine.map(({ member }) => member.finish(heads)));
}
