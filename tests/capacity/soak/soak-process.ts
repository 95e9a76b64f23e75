/**
 * People who come, talk in some rooms and go, for as long as asked. Which rooms are in use moves on all the time, so that
 * rooms wake up, are left, and are forgotten. Every visitor watches that what comes is dense and comes once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../../bench/processes/answer.ts';
import { openRawClient, type RawClient } from '../../bench/raw-client.ts';
import { frameMaker } from '../load/send-frame.ts';

export interface SoakPlan {
  readonly protocol: string;
  /** One for each who comes and goes: the tokens' addresses at each gateway, and the rooms that may be visited. */
  readonly people: readonly { readonly addresses: readonly string[]; readonly rooms: readonly string[] }[];
  /** Mean length of a stay and of the time until the next one. */
  readonly stayMs: number;
  readonly awayMs: number;
  /** Mean time between one's messages. */
  readonly pauseMs: number;
  /** How long the same part of the rooms is in use. */
  readonly seasonMs: number;
}

export interface SoakCounts {
  readonly visits: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly refused: number;
  readonly connected: number;
}

const VISITED = 3;

const counts = { visits: 0, sent: 0, acknowledged: 0, delivered: 0, lost: 0, repeated: 0, refused: 0, connected: 0 };
let over = false;
let lives: Promise<void>[] = [];

answerParent({
  start: (plan: SoakPlan) => {
    lives = plan.people.map((person, index) => live(person, index, plan));
  },
  counts: (): SoakCounts => counts,
  stop: async (): Promise<SoakCounts> => {
    over = true;
    await Promise.all(lives);
    return counts;
  },
});

async function live({ addresses, rooms }: SoakPlan['people'][number], index: number, plan: SoakPlan): Promise<void> {
  for (let visit = index; !over; visit += 1) {
    await sleep(plan.awayMs * 2 * Math.random());
    if (over) return;
    const season = Math.floor(performance.now() / plan.seasonMs);
    const visited = Array.from({ length: VISITED }, (_, n) => rooms[(season + n) % rooms.length] ?? '');
    await stay(addresses[visit % addresses.length] ?? '', visited, plan);
  }
}

interface Frame {
  readonly t: string;
  readonly cid: string;
  readonly seq: number;
  readonly head: number;
}

async function stay(url: string, rooms: readonly string[], { protocol, stayMs, pauseMs }: SoakPlan): Promise<void> {
  const last = new Map<string, number>();
  const onFrame = (payload: Buffer) => {
    const frame = JSON.parse(payload.toString()) as Frame;
    if (frame.t === 'joined') last.set(frame.cid, frame.head);
    else if (frame.t === 'message') receive(frame, last);
    else if (frame.t === 'ack') counts.acknowledged += 1;
    else if (frame.t === 'error') counts.refused += 1;
  };
  const client = await openRawClient({ url, protocol, onFrame, onClose: () => void (counts.refused += 1) });
  counts.visits += 1;
  counts.connected += 1;
  for (const cid of rooms) client.send(JSON.stringify({ t: 'join', cid }));
  await talk(client, rooms[0] ?? '', performance.now() + stayMs * 2 * Math.random(), pauseMs);
  client.destroy();
  counts.connected -= 1;
}

async function talk(client: RawClient, cid: string, until: number, pauseMs: number): Promise<void> {
  const make = frameMaker(cid);
  for (let n = 1; performance.now() < until && !over; n += 1) {
    await sleep(pauseMs * 2 * Math.random());
    client.write(make(n));
    counts.sent += 1;
  }
  // What was sent last is answered.
  await sleep(pauseMs);
}

function receive({ cid, seq }: Frame, last: Map<string, number>): void {
  const before = last.get(cid) ?? 0;
  counts.delivered += 1;
  if (seq <= before) counts.repeated += 1;
  else counts.lost += seq - before - 1;
  last.set(cid, Math.max(before, seq));
}
