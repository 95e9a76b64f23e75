/** Thousands of sessions with many conversations each, which go away together and come back together. */
import { createUlid } from '@messagecore/kernel';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';

export interface StormPlan {
  readonly protocol: string;
  readonly sessions: readonly { readonly url: string; readonly cids: readonly string[] }[];
}

export interface StormResult {
  /** When each session had everything, milliseconds since the start, ascending. */
  readonly caughtUpMs: readonly number[];
  readonly frames: number;
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
  | { readonly t: 'error'; readonly code: string; readonly msg: string }
  | { readonly t: 'ack'; readonly mid: string };

const AT_ONCE = 250;
const newMid = createUlid();
let protocol = '';
let sessions: Session[] = [];
let startedAt = 0;
let frames = 0;

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
    startedAt = performance.now();
    const caughtUpMs = await Promise.all(sessions.map(comeBack));
    return { caughtUpMs: caughtUpMs.toSorted((a, b) => a - b), frames };
  },
});

/** Settles with the time at which all conversations are joined and caught up. */
async function comeBack(session: Session): Promise<number> {
  session.done = Promise.withResolvers();
  session.joins = session.positions.size;
  session.missing = 0;
  const { done } = session;
  session.client = await openRawClient({
    url: session.url,
    protocol,
    onFrame: (payload) => take(session, JSON.parse(payload.toString()) as Frame),
    onClose: (reason) => done.reject(new Error(`a session was closed: ${reason}`)),
  });
  const pos = Object.fromEntries([...session.positions].map(([cid, since]) => [cid, [since, 0]]));
  session.client.send(JSON.stringify({ t: 'resume', pos }));
  return done.promise;
}

function take(session: Session, frame: Frame): void {
  frames += 1;
  if (frame.t === 'error') session.done.reject(new Error(`${frame.code}: ${frame.msg}`));
  else if (frame.t === 'joined') {
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

async function speak({ url, positions }: Session, count: number): Promise<void> {
  const open = new Set<string>();
  const stored = Promise.withResolvers<void>();
  const client = await openRawClient({
    url,
    protocol,
    onFrame: (payload) => {
      const frame = JSON.parse(payload.toString()) as Frame;
      if (frame.t === 'error') stored.reject(new Error(`${frame.code}: ${frame.msg}`));
      if (frame.t === 'ack') open.delete(frame.mid);
      if (open.size === 0) stored.resolve();
    },
  });
  const texts = Array.from({ length: count }, (_, index) => `message ${index + 1} while you were away`);
  for (const [cid, text] of [...positions.keys()].flatMap((cid) => texts.map((text) => [cid, text] as const))) {
    const mid = newMid();
    open.add(mid);
    client.send(
      JSON.stringify({ t: 'send', cid, mid, clientId: 'bench', at: Date.now(), kind: 'text', body: { text } }),
    );
  }
  await stored.promise;
  client.destroy();
}
