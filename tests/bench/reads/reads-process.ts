/** One sender and the readers of its room, in one process: one clock for both ends. */
import { createUlid } from '@messagecore/kernel';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';
import { type OpenLoop, openLoop, type OpenLoopPlan, type OpenLoopResult } from '../way/open-loop.ts';

export interface ReadsPlan {
  readonly cid: string;
  readonly sendAt: string;
  readonly readAt: readonly string[];
}

export interface ReadsRound extends OpenLoopPlan {
  /** Whether the readers report how far they have read. */
  readonly reporting: boolean;
}

export interface ReadsResult extends OpenLoopResult {
  /** Messages that readers have reported as read, one by one or with a later one. */
  readonly read: number;
  readonly reports: number;
}

const FILLING = 'x'.repeat(60);
const AT_ONCE = 100;
const newMid = createUlid();

let room = '';
let sender: RawClient | undefined;
let loop: OpenLoop | undefined;
let reporting = false;
let reports = 0;
let read = 0;

interface Reader {
  seen: number;
  reported: number;
  underWay: boolean;
}
const readers: Reader[] = [];

answerParent({
  connect: async ({ cid, sendAt, readAt }: ReadsPlan) => {
    room = cid;
    sender = await openRawClient({ url: sendAt, onFrame: refuse });
    for (let opened = 0; opened < readAt.length; opened += AT_ONCE)
      await Promise.all(readAt.slice(opened, opened + AT_ONCE).map(openReader));
  },
  run: async ({ reporting: isReporting, ...plan }: ReadsRound): Promise<ReadsResult> => {
    [reporting, reports, read] = [isReporting, 0, 0];
    // What came in rounds without reports is not read now.
    for (const reader of readers) reader.reported = reader.seen;
    loop = openLoop(plan, (index) => {
      const body = { text: `${index} ${FILLING}` };
      const about = { cid: room, mid: newMid(), clientId: 'bench', at: Date.now() };
      sender?.send(JSON.stringify({ t: 'send', ...about, kind: 'text', body }));
    });
    const result = await loop.result;
    return { ...result, reports, read };
  },
});

/** Reports each message as the SDK does: one report is under way at a time, and the next one says all that was read meanwhile. */
async function openReader(url: string): Promise<void> {
  const joined = Promise.withResolvers<void>();
  const reader: Reader = { seen: 0, reported: 0, underWay: false };
  readers.push(reader);
  const report = (client: RawClient) => {
    const { seen, reported, underWay } = reader;
    if (!reporting || underWay || seen === reported) return;
    reports += 1;
    read += seen - reported;
    [reader.reported, reader.underWay] = [seen, true];
    client.send(`{"t":"read","cid":"${room}","pos":${seen},"ref":"${reports}"}`);
  };
  const onFrame = (payload: Buffer, client: RawClient) => {
    const json = payload.toString('latin1');
    if (json.startsWith('{"t":"message"')) {
      reader.seen = numberBehind(json, '"seq":');
      loop?.arrived(numberBehind(json, '"text":"'));
      report(client);
    } else if (json.startsWith('{"t":"result"')) {
      reader.underWay = false;
      report(client);
    } else if (json.startsWith('{"t":"joined"')) joined.resolve();
    else refuse(payload);
  };
  const client = await openRawClient({ url, onFrame });
  client.send(JSON.stringify({ t: 'join', cid: room }));
  await joined.promise;
}

const numberBehind = (json: string, name: string) => Number.parseInt(json.slice(json.indexOf(name) + name.length), 10);

function refuse(payload: Buffer): void {
  if (payload.includes('{"t":"error"')) throw new Error(`refused: ${payload.toString()}`);
}
