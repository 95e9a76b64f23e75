/**
 * Everybody falls off at once and comes back at once, while some go on sending: what a lost load balancer looks like.
 * Those who come back must get all that they missed, each message once, and then live ones within the SLO.
 *
 *   MEMBERS 500 · ROOMS 20, all of them in as many as JOINED 5 · STORMS 3 · VUS 20 · BACK_P99_MS 5000
 */
import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
import { conversationOf, headsOf, tokensOf } from './lib/api.js';
import { Member, wait } from './lib/member.js';
import { number, PROMISES, shareOf, SHOWN, together } from './lib/settings.js';

const MEMBERS = number('MEMBERS', 500);
const ROOMS = number('ROOMS', 20);
const JOINED = Math.min(ROOMS, number('JOINED', 5));
const STORMS = number('STORMS', 3);
const VUS = Math.min(MEMBERS, number('VUS', 20));
/** One that goes on sending in each room, a message a second. */
const SENDING_EVERY_MS = 1_000;
const ENTRY_MS = 10_000;
const CALM_MS = 10_000;
const AWAY_MS = 2_000;

/** From coming back to being joined everywhere again. */
const back = new Trend('back', true);

export const options = {
  scenarios: { storm: together('members', VUS, (STORMS + 2) * (CALM_MS / 1_000 + 10) + 120) },
  thresholds: { ...PROMISES, back: [`p(99)<=${number('BACK_P99_MS', 5_000)}`] },
  summaryTrendStats: SHOWN,
  setupTimeout: '5m',
};

const nameOf = (run, index) => `k6-storm-${run}-${index}`;
const roomsOf = (index) => Array.from({ length: JOINED }, (_, n) => (index + n) % ROOMS);

export function setup() {
  const run = Date.now();
  const indexes = Array.from({ length: MEMBERS }, (_, index) => index);
  tokensOf(indexes.map((index) => nameOf(run, index)));
  const cids = Array.from({ length: ROOMS }, (_, room) => {
    const names = indexes.filter((index) => roomsOf(index).includes(room)).map((index) => nameOf(run, index));
    return conversationOf('private', names);
  });
  return { run, cids, startsAt: Date.now() + ENTRY_MS };
}

export async function members({ run, cids, startsAt }) {
  const indexes = shareOf(exec.vu.idInTest, VUS, MEMBERS);
  const tokens = tokensOf(indexes.map((index) => nameOf(run, index)));
  const mine = tokens.map((token, n) => new Member(token, indexes[n]));
  await Promise.all(mine.map((member, n) => member.join(...roomsOf(indexes[n]).map((room) => cids[room]))));
  await wait(startsAt - Date.now());

  const ends = startsAt + (STORMS + 1) * CALM_MS;
  // The first members of all have nothing to do with storms: they send.
  const senders = mine.filter((_, n) => indexes[n] < ROOMS);
  const others = mine.filter((_, n) => indexes[n] >= ROOMS);
  const sending = senders.map((member, n) => sendUntil(ends, member, cids[indexes[n]]));
  for (let storm = 1; storm <= STORMS; storm += 1) {
    await wait(startsAt + storm * CALM_MS - Date.now());
    for (const member of others) member.cut();
    await wait(AWAY_MS);
    await Promise.all(others.map(comeBack));
  }
  await Promise.all(sending);
  await wait(ends + 2_000 - Date.now());
  const heads = headsOf(cids);
  await Promise.all(mine.map((member) => member.finish(heads)));
}

/** To the other gateway, as a balancer would have it. */
async function comeBack(member) {
  const start = Date.now();
  member.gateway += 1;
  await member.join();
  back.add(Date.now() - start);
}

async function sendUntil(ends, member, cid) {
  for (; Date.now() < ends; await wait(SENDING_EVERY_MS)) member.send(cid);
}
