/** A tenant that behaves: steady rooms, some joins, some lists. Every delay counts from when it was due. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUlid } from '@messagecore/kernel';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';

export interface BystanderPlan {
  /** Each pair shares one conversation: one sends at the first address, the other has joined at the second. */
  readonly pairs: readonly { readonly cid: string; readonly sendAt: string; readonly receiveAt: string }[];
  /** Who joins one of its conversations after the other. */
  readonly joiner: { readonly url: string; readonly cids: readonly string[] };
  /** Where they ask for pages and lists, in turn, and as whom. */
  readonly pages: {
    readonly asked: readonly { readonly url: string; readonly token: string }[];
    readonly address: string;
  };
}

/** Milliseconds; of what was not answered in time, the time that was waited. */
export interface Delays {
  readonly deliveries: number[];
  readonly joins: number[];
  readonly pages: number[];
  /** What went wrong: none of it should. */
  readonly complaints: string[];
}

const SENDS = 200;
const JOINS = 20;
/** Below what two users may. */
const PAGES = 15;
const PATIENCE_MS = 5_000;
const FILLING = 'x'.repeat(60);
const newMid = createUlid();

let senders: { cid: string; client: RawClient }[] = [];
let joiner: RawClient | undefined;
let plan: BystanderPlan | undefined;
let delays: Delays = { deliveries: [], joins: [], pages: [], complaints: [] };
/** When what is under way was due: a message by its `mid`, a join by its conversation. */
const due = new Map<string, number>();
const agent = new Agent({ keepAlive: true });

answerParent({
  come: async (given: BystanderPlan) => {
    plan = given;
    const onClose = (reason: string) => void delays.complaints.push(`closed: ${reason}`);
    const receive = (payload: Buffer) => {
      const frame = JSON.parse(payload.toString()) as { t: string; mid?: string; cid?: string; code?: string };
      if (frame.t === 'message') arrived(frame.mid ?? '', delays.deliveries);
      else if (frame.t === 'joined') arrived(frame.cid ?? '', delays.joins);
      else if (frame.t === 'error') delays.complaints.push(frame.code ?? '');
    };
    for (const { cid, sendAt, receiveAt } of given.pairs) {
      const receiver = await openRawClient({ url: receiveAt, onFrame: receive, onClose });
      receiver.send(JSON.stringify({ t: 'join', cid }));
      senders.push({ cid, client: await openRawClient({ url: sendAt, onFrame: receive, onClose }) });
    }
    joiner = await openRawClient({ url: given.joiner.url, onFrame: receive, onClose });
    await sleep(500);
  },
  /** Does what it always does for so long. */
  live: async (seconds: number): Promise<Delays> => {
    delays = { deliveries: [], joins: [], pages: [], complaints: [] };
    await Promise.all([onTime(SENDS, seconds, send), onTime(JOINS, seconds, join), onTime(PAGES, seconds, page)]);
    const until = performance.now() + PATIENCE_MS;
    while (due.size > 0 && performance.now() < until) await sleep(5);
    for (const at of due.values()) delays.deliveries.push(performance.now() - at);
    if (due.size > 0) delays.complaints.push(`${due.size} not answered`);
    due.clear();
    return delays;
  },
});

function arrived(what: string, into: number[]): void {
  const at = due.get(what);
  if (at === undefined) return;
  due.delete(what);
  into.push(performance.now() - at);
}

async function onTime(perSecond: number, seconds: number, act: (turn: number, dueAt: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let turn = 0; turn < perSecond * seconds;) {
    const dueAt = startedAt + (turn * 1_000) / perSecond;
    if (dueAt <= performance.now()) act(turn++, dueAt);
    else await sleep(1);
  }
}

function send(turn: number, dueAt: number): void {
  const sender = senders[turn % senders.length];
  if (sender === undefined) throw new Error('come first');
  const mid = newMid();
  due.set(mid, dueAt);
  const body = { text: `${turn} ${FILLING}` };
  sender.client.send(
    JSON.stringify({ t: 'send', cid: sender.cid, mid, clientId: 'bystander', at: Date.now(), kind: 'text', body }),
  );
}

function join(turn: number, dueAt: number): void {
  const cids = plan?.joiner.cids ?? [];
  const cid = cids[turn % cids.length] ?? '';
  due.set(cid, dueAt);
  joiner?.send(JSON.stringify({ t: 'leave', cid }));
  joiner?.send(JSON.stringify({ t: 'join', cid }));
}

function page(turn: number, dueAt: number): void {
  const { asked: all = [], address = '' } = plan?.pages ?? {};
  const { url = '', token = '' } = all[turn % all.length] ?? {};
  due.set(`page ${dueAt}`, dueAt);
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
  const asked = request(url, { agent, headers }, (response) => {
    if (response.statusCode !== 200) delays.complaints.push(`${url}: ${response.statusCode}`);
    response.resume().on('end', () => arrived(`page ${dueAt}`, delays.pages));
  });
  asked.on('error', (error) => delays.complaints.push(error.message));
  asked.end();
}
