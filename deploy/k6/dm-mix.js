/**
 * Pairs of people talking, each pair in its own conversation and its two ends on different gateways: typing, messages,
 * receipts of delivery and of reading.
 *
 *   PAIRS 250 · PAUSE 2 seconds between one person's messages, on average · SECONDS 60 · VUS 10
 */
import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
import { conversationOf, headsOf, tokensOf } from './lib/api.js';
import { Member, wait } from './lib/member.js';
import { number, PROMISES, shareOf, SHOWN, together } from './lib/settings.js';

const PAIRS = number('PAIRS', 250);
const PAUSE = number('PAUSE', 2);
const SECONDS = number('SECONDS', 60);
const VUS = Math.min(PAIRS, number('VUS', 10));
const TYPES_FOR_MS = 300;

/** From sending a message to seeing that the other one has read it. */
const readBack = new Trend('read_back', true);

export const options = {
  scenarios: { pairs: together('pairs', VUS, SECONDS + 180) },
  thresholds: { ...PROMISES, read_back: ['p(99)<=1600'] },
  summaryTrendStats: SHOWN,
};

export function setup() {
  return { run: Date.now() };
}

export async function pairs({ run }) {
  const talks = shareOf(exec.vu.idInTest, VUS, PAIRS).map((index) => meet(run, index));
  await Promise.all(talks.map(({ cid, people }) => Promise.all(people.map(({ member }) => member.join(cid)))));
  const ends = Date.now() + SECONDS * 1_000;
  await Promise.all(talks.flatMap(({ cid, people }) => people.map((person) => talk(person, cid, ends))));
  await wait(1_000);
  const heads = headsOf(talks.map(({ cid }) => cid));
  await Promise.all(talks.flatMap(({ people }) => people.map(({ member }) => member.finish(heads))));
}

/** Two people and their conversation. */
function meet(run, index) {
  const names = [`k6-dm-${run}-${index}-a`, `k6-dm-${run}-${index}-b`];
  const people = tokensOf(names).map((token, n) => {
    const person = { sentAt: 0 };
    person.member = new Member(token, index + n, (frame, member) => hear(frame, member, person));
    return person;
  });
  return { cid: conversationOf('dm', names), people };
}

/** Acknowledges and reads what the other one writes; sees what the other one has read. */
function hear({ t, cid, seq, pos }, member, person) {
  if (t === 'ack') person.lastSeq = pos;
  if (t === 'message') {
    member.tell({ t: 'ack', cid, pos: seq });
    if (seq !== person.lastSeq) member.tell({ t: 'read', cid, pos: seq });
  }
  if (t === 'read' && person.sentAt > 0 && pos >= person.lastSeq) {
    readBack.add(Date.now() - person.sentAt);
    person.sentAt = 0;
  }
}

async function talk(person, cid, ends) {
  const { member } = person;
  for (;;) {
    await wait(PAUSE * 2_000 * Math.random());
    if (Date.now() >= ends) return;
    member.tell({ t: 'typing', cid, on: true });
    await wait(TYPES_FOR_MS);
    member.tell({ t: 'typing', cid, on: false });
    person.lastSeq = Number.POSITIVE_INFINITY;
    person.sentAt = Date.now();
    member.send(cid);
  }
}
