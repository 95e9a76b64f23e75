/** Sessions that go to another gateway when they are told to, as the SDK does, in a process that yields to the product. */
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, createUlid } from '@messagecore/kernel';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient, Refused } from '../raw-client.ts';
import { type OpenLoop, openLoop, type OpenLoopPlan, type OpenLoopResult } from '../way/open-loop.ts';

export interface MoversPlan {
  readonly protocol: string;
  /** Each has joined one conversation, and knows to which gateway it goes next. */
  readonly movers: readonly { readonly cid: string; readonly token: string; readonly next: string }[];
  /** Address of somebody who speaks in all of these conversations. */
  readonly speaker: string;
}

/** Times are milliseconds since 1970. */
export interface Moves {
  /** When a session left and began to connect elsewhere; once more for each further attempt. */
  readonly attempts: number[];
  /** When a session had joined again and had what was said meanwhile. */
  readonly back: number[];
  /** From leaving until it was back, of each session, milliseconds. */
  readonly awayMs: number[];
  /** Attempts that were refused for the moment. */
  putOff: number;
  /** Sessions that had not left when the gateway closed them. */
  cut: number;
}

export interface Checked {
  /** Messages that were acknowledged and did not come, of all sessions. */
  readonly missing: number;
  /** Messages that came twice or left a hole in `seq`. */
  readonly outOfOrder: number;
}

interface Mover {
  readonly cid: string;
  readonly token: string;
  readonly next: string;
  /** Last `seq` that it has. */
  position: number;
  /** `seq` up to which it is catching up. */
  head: number;
  caughtUp: PromiseWithResolvers<void>;
  client: RawClient | undefined;
}

type Frame =
  | { readonly t: 'ready' | 'heads' | 'read' | 'pong' }
  | { readonly t: 'joined'; readonly head: number }
  | { readonly t: 'message'; readonly seq: number }
  | { readonly t: 'ack'; readonly cid: string; readonly pos: number; readonly mid: string }
  | { readonly t: 'bye'; readonly reconnectInMs: number }
  | { readonly t: 'error'; readonly code: string; readonly msg: string };

/** Below the product, so that a core goes to that first; 19 is the lowest. */
const BELOW = 10;
const LOWEST = 19;
const AT_ONCE = 250;
/** The waits of the client SDK. */
const RECONNECT = { minMs: 500, maxMs: 8_000 };
/** How long after everything a message may still come. */
const PATIENCE_MS = 10_000;
const FILLING = 'x'.repeat(60);

const newMid = createUlid();
const now = () => performance.timeOrigin + performance.now();
let protocol = '';
let movers: Mover[] = [];
let speaker: RawClient | undefined;
let talk: OpenLoop | undefined;
let moves: Moves = { attempts: [], back: [], awayMs: [], putOff: 0, cut: 0 };
let allBack = Promise.withResolvers<void>();
let outOfOrder = 0;
/** Sent and not acknowledged, by `mid`. */
const open = new Map<string, number>();
/** Last `seq` of each conversation. */
const heads = new Map<string, number>();

setPriority(Math.min(LOWEST, getPriority() + BELOW));

answerParent({
  come: async (plan: MoversPlan) => {
    ({ protocol } = plan);
    movers = plan.movers.map((given) => ({
      ...{ ...given, position: 0, head: 0, client: undefined },
      caughtUp: Promise.withResolvers(),
    }));
    speaker = await openRawClient({ url: plan.speaker, protocol, onFrame: acknowledged });
  },
  /** All go to this gateway, a few at a time; settles when they have joined there. */
  gather: async (url: string) => {
    for (let start = 0; start < movers.length; start += AT_ONCE)
      await Promise.all(movers.slice(start, start + AT_ONCE).map((mover) => enter(mover, url)));
  },
  /** Says something in the conversations, in turn. */
  talk: (plan: OpenLoopPlan): Promise<OpenLoopResult> => {
    const cids = [...new Set(movers.map(({ cid }) => cid))];
    talk = openLoop(plan, (index) => {
      const mid = newMid();
      open.set(mid, index);
      const message = { cid: cids[index % cids.length], kind: 'text', body: { text: FILLING } };
      speaker?.send(JSON.stringify({ t: 'send', mid, clientId: 'bench', at: Date.now(), ...message }));
    });
    return talk.result;
  },
  /** Settles when all have been told to go and are back. */
  move: async (): Promise<Moves> => {
    moves = { attempts: [], back: [], awayMs: [], putOff: 0, cut: 0 };
    allBack = Promise.withResolvers();
    await allBack.promise;
    return moves;
  },
  /** Waits until all have everything, or patience runs out. */
  check: async (): Promise<Checked> => {
    const until = performance.now() + PATIENCE_MS;
    const missing = () => movers.reduce((sum, { cid, position }) => sum + (heads.get(cid) ?? 0) - position, 0);
    while (missing() > 0 && performance.now() < until) await sleep(20);
    return { missing: missing(), outOfOrder };
  },
});

/** Settles when it has joined and is caught up. */
async function enter(mover: Mover, url: string): Promise<void> {
  mover.client?.destroy();
  mover.head = Infinity;
  mover.caughtUp = Promise.withResolvers();
  mover.client = await connect(mover, url);
  await mover.caughtUp.promise;
}

/** Tries again, with growing waits, as long as the gateway says that it cannot take more just now. */
async function connect(mover: Mover, url: string): Promise<RawClient> {
  const backoff = new Backoff(RECONNECT);
  for (;;) {
    try {
      moves.attempts.push(now());
      return await openRawClient({
        url: `${url}?token=${mover.token}`,
        protocol,
        onFrame: (payload, client) => take(mover, client, JSON.parse(payload.toString()) as Frame),
        onClose: () => void (moves.cut += 1),
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      moves.putOff += 1;
      await sleep(backoff.next());
    }
  }
}

function take(mover: Mover, client: RawClient, frame: Frame): void {
  if (frame.t === 'error') throw new Error(`refused: ${frame.code} ${frame.msg}`);
  if (frame.t === 'ready') client.send(JSON.stringify({ t: 'resume', pos: { [mover.cid]: [mover.position, 0] } }));
  else if (frame.t === 'bye') setTimeout(() => void move(mover), frame.reconnectInMs);
  else if (frame.t === 'joined') mover.head = frame.head;
  else if (frame.t === 'message') {
    if (frame.seq !== mover.position + 1) outOfOrder += 1;
    mover.position = frame.seq;
  }
  if (mover.position >= mover.head) mover.caughtUp.resolve();
}

async function move(mover: Mover): Promise<void> {
  const leftAt = now();
  await enter(mover, mover.next);
  moves.awayMs.push(now() - leftAt);
  moves.back.push(now());
  if (moves.back.length === movers.length) allBack.resolve();
}

function acknowledged(payload: Buffer): void {
  const frame = JSON.parse(payload.toString()) as Frame;
  if (frame.t === 'error') throw new Error(`refused: ${frame.code} ${frame.msg}`);
  if (frame.t !== 'ack') return;
  heads.set(frame.cid, Math.max(frame.pos, heads.get(frame.cid) ?? 0));
  talk?.arrived(open.get(frame.mid) ?? 0);
  open.delete(frame.mid);
}
