/** Thousands of sessions with many conversations each, which go away together and come back together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, createUlid } from '@messagecore/kernel';
import { DEFAULT_RETRY_AFTER_MS, type ErrorCode, ERRORS } from '@messagecore/protocol';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient, Refused } from '../raw-client.ts';

export interface StormPlan {
  readonly protocol: string;
  readonly sessions: readonly { readonly url: string; readonly cids: readonly string[] }[];
}

export interface StormResult {
  /** When each session had everything, milliseconds since the start, ascending. */
  readonly caughtUpMs: readonly number[];
  readonly frames: number;
  /** Connections and joins that were put off by the server and tried again, as a client does. */
  readonly putOff: number;
}

interface Session {
  readonly url: string;
  /** Last `seq` of each conversation. */
  readonly positions: Map<string, number>;
  joins: number;
  missing: number;
  client: RawClient | undefined;
  done: PromiseWithResolvers<number>;
}

type Frame =
  | { readonly t: 'joined'; readonly cid: string; readonly head: number }
  | { readonly t: 'message'; readonly cid: string; readonly seq: number }
  | {
      readonly t: 'error';
      readonly code: ErrorCode;
      readonly msg: string;
      readonly cid?: string;
      readonly retryAfterMs?: number;
    }
  | { readonly t: 'ack'; readonly mid: string };

const AT_ONCE = 250;
/** The waits of the client SDK. */
const RECONNECT = { minMs: 500, maxMs: 8_000 };
const newMid = createUlid();
let protocol = '';
let sessions: Session[] = [];
let startedAt = 0;
let frames = 0;
let putOff = 0;

answerParent({
  /** Connects a few at a time; settles when all have joined everything. */
  settle: async (plan: StormPlan) => {
    protocol = plan.protocol;
    sessions = plan.sessions.map(({ url, cids }) => ({
      url,
      positions: new Map(cids.map((cid) => [cid, 0])),
      joins: 0,
      missing: 0,
      client: undefined,
      done: Promise.withResolvers(),
    }));
    for (let start = 0; start < sessions.length; start += AT_ONCE) {
      await Promise.all(sessions.slice(start, start + AT_ONCE).map(comeBack));
    }
  },
  /** Everybody is cut off. */
  cut: () => {
    for (const { client } of sessions) client?.destroy();
  },
  /** Sends `count` messages to each of the conversations by one of their members; settles when all are stored. */
  speak: async ({ count, speakers }: { count: number; speakers: number }) => {
    await Promise.all(sessions.slice(0, speakers).map((session) => speak(session, count)));
  },
  /** Everybody comes back in the same moment. */
  storm: async (): Promise<StormResult> => {
    frames = 0;
    putOff = 0;
    startedAt = performance.now();
    const caughtUpMs = await Promise.all(sessions.map(comeBack));
    return { caughtUpMs: caughtUpMs.toSorted((a, b) => a - b), frames, putOff };
  },
});

/** Settles with the time at which all conversations are joined and caught up. */
async function comeBack(session: Session): Promise<number> {
  session.done = Promise.withResolvers();
  session.joins = session.positions.size;
  session.missing = 0;
  const { done } = session;
  session.client = await connect(session);
  resume(session, session.client, [...session.positions]);
  return done.promise;
}

/** Tries again, with growing waits, as long as the gateway says that it cannot take more just now. */
async function connect(session: Session): Promise<RawClient> {
  const backoff = new Backoff(RECONNECT);
  for (;;) {
    try {
      return await openRawClient({
        url: session.url,
        protocol,
        onFrame: (payload, client) => take(session, client, JSON.parse(payload.toString()) as Frame),
        onClose: (reason) => session.done.reject(new Error(`a session was closed: ${reason}`)),
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      putOff += 1;
      await sleep(backoff.next());
    }
  }
}

function resume(session: Session, client: RawClient, places: readonly (readonly [cid: string, since: number])[]): void {
  const pos = Object.fromEntries(places.map(([cid, since]) => [cid, [since, 0]]));
  client.send(JSON.stringify({ t: 'resume', pos }));
}

function take(session: Session, client: RawClient, frame: Frame): void {
  frames += 1;
  if (frame.t === 'error') return refused(session, client, frame);
  if (frame.t === 'joined') {
    session.joins -= 1;
    session.missing += frame.head - (session.positions.get(frame.cid) ?? 0);
  } else if (frame.t === 'message') {
    const expected = (session.positions.get(frame.cid) ?? 0) + 1;
    if (frame.seq !== expected) session.done.reject(new Error(`seq ${frame.seq} came where ${expected} was due`));
    session.positions.set(frame.cid, frame.seq);
    session.missing -= 1;
  } else return;
  if (session.joins === 0 && session.missing === 0) session.done.resolve(performance.now() - startedAt);
}

function refused(session: Session, client: RawClient, error: Extract<Frame, { t: 'error' }>): void {
  const { code, msg, cid, retryAfterMs = DEFAULT_RETRY_AFTER_MS } = error;
  if (cid === undefined || ERRORS[code].retry !== 'later') {
    session.done.reject(new Error(`${code}: ${msg}`));
    return;
  }
  putOff += 1;
  void sleep(retryAfterMs).then(() => resume(session, client, [[cid, session.positions.get(cid) ?? 0]]));
}

async function speak({ url, positions }: Session, count: number): Promise<void> {
  const stored = Promise.withResolvers<void>();
  const texts = Array.from({ length: count }, (_, index) => `message ${index + 1} while you were away`);
  const sends = [...positions.keys()].flatMap((cid) => texts.map((text) => ({ cid, text, mid: newMid() })));
  const open = new Set(sends.map(({ mid }) => mid));
  const client = await openRawClient({
    url,
    protocol,
    onFrame: (payload) => {
      const frame = JSON.parse(payload.toString()) as Frame;
      if (frame.t === 'error') stored.reject(new Error(`${frame.code}: ${frame.msg}`));
      if (frame.t === 'ack') open.delete(frame.mid);
      if (open.size === 0) stored.resolve();
    },
    onClose: (reason) => stored.reject(new Error(`a speaker was closed: ${reason}`)),
  });
  for (const { cid, text, mid } of sends) {
    const at = Date.now();
    client.send(JSON.stringify({ t: 'send', cid, mid, clientId: 'bench', at, kind: 'text', body: { text } }));
  }
  await stored.promise;
  client.destroy();
}
