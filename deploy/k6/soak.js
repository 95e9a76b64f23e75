/**
 * Hours of ordinary life: people come, talk in some rooms, go, and come back elsewhere; rooms wake up and fall asleep.
 * Watch the memory of the services meanwhile (`process_resident_memory_bytes` in `/metrics`): it must stay flat.
 *
 *   DURATION 20 minutes · PEOPLE 300 · ROOMS 100 · STAY 40 seconds on average · PAUSE 5 seconds between one's messages
 *   VUS 20
 */
import exec from 'k6/execution';
import { conversationOf, headsOf, tokensOf } from './lib/api.js';
import { Member, wait } from './lib/member.js';
import { number, PROMISES, shareOf, SHOWN, together } from './lib/settings.js';

const SECONDS = number('DURATION', 20) * 60;
const PEOPLE = number('PEOPLE', 300);
const ROOMS = number('ROOMS', 100);
const STAY = number('STAY', 40);
const PAUSE = number('PAUSE', 5);
const VUS = Math.min(PEOPLE, number('VUS', 20));
/** Rooms that one person is in during one stay. */
const VISITED = Math.min(3, ROOMS);

export const options = {
  scenarios: { life: together('people', VUS, SECONDS + STAY * 2 + 180) },
  thresholds: PROMISES,
  summaryTrendStats: SHOWN,
  setupTimeout: '10m',
};

const nameOf = (run, index) => `k6-soak-${run}-${index}`;

export function setup() {
  const run = Date.now();
  const names = Array.from({ length: PEOPLE }, (_, index) => nameOf(run, index));
  tokensOf(names);
  return { run, cids: Array.from({ length: ROOMS }, () => conversationOf('public', names)) };
}

export async function people({ run, cids }) {
  const ends = Date.now() + SECONDS * 1_000;
  const tokens = tokensOf(shareOf(exec.vu.idInTest, VUS, PEOPLE).map((index) => nameOf(run, index)));
  await Promise.all(tokens.map((token, n) => live(token, n, cids, ends)));
}

async function live(token, n, cids, ends) {
  for (let visit = n; Date.now() < ends; visit += 1) {
    await wait(STAY * 500 * Math.random());
    const member = new Member(token, visit);
    const first = Math.floor(Math.random() * cids.length);
    const visited = Array.from({ length: VISITED }, (_, k) => cids[(first + k) % cids.length]);
    await member.join(...visited);
    const leaves = Math.min(ends, Date.now() + STAY * 2_000 * Math.random());
    for (; Date.now() < leaves; await wait(PAUSE * 2_000 * Math.random())) member.send(visited[0]);
    await member.finish(headsOf(visited));
  }
}
