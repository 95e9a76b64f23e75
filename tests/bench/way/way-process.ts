/** Senders at one gateway and receivers at the other, in one process: one clock for both ends. */
import { connectBus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import { DEFAULT_RETRY_AFTER_MS, type ErrorCode, ERRORS } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';
import { type OpenLoop, openLoop, type OpenLoopPlan, type OpenLoopResult } from './open-loop.ts';

export interface WayPlan {
  readonly protocol: string;
  /** Each pair shares one conversation: one sends at the first address, the other has joined at the second. */
  readonly pairs: readonly { readonly cid: string; readonly sendAt: string; readonly receiveAt: string }[];
}

export interface BarePlan extends OpenLoopPlan {
  readonly natsUrl: string;
}

const FILLING = 'x'.repeat(60);
const SUBJECT = 'bench.way';
const MESSAGE = '{"t":"message"';

interface Sender {
  readonly cid: string;
  readonly client: RawClient;
  /** Frames without an answer, by their `mid`. */
  readonly open: Map<string, string>;
}

const newMid = createUlid();
let senders: Sender[] = [];
let loop: OpenLoop | undefined;

answerParent({
  connect: async ({ pairs, protocol }: WayPlan) => {
    const open = async ({ cid, sendAt, receiveAt }: WayPlan['pairs'][number]) => {
      const joined = Promise.withResolvers<void>();
      const onFrame = (payload: Buffer) => {
        const json = payload.toString();
        if (json.startsWith('{"t":"joined"')) joined.resolve();
        else if (json.startsWith(MESSAGE)) onMessage(JSON.parse(json) as { body: { text: string } });
      };
      const receiver = await openRawClient({ url: receiveAt, protocol, onFrame });
      receiver.send(JSON.stringify({ t: 'join', cid }));
      await joined.promise;
      const inFlight = new Map<string, string>();
      const onAnswered = (payload: Buffer, client: RawClient) => onAnswer(payload, client, inFlight);
      return { cid, open: inFlight, client: await openRawClient({ url: sendAt, protocol, onFrame: onAnswered }) };
    };
    senders = await Promise.all(pairs.map(open));
  },
  run: (plan: OpenLoopPlan): Promise<OpenLoopResult> => {
    loop = openLoop(plan, (index) => {
      const sender = senders[index % senders.length];
      if (sender === undefined) throw new Error('connect first');
      const { cid, client, open } = sender;
      const mid = newMid();
      const body = { text: `${index} ${FILLING}` };
      const frame = JSON.stringify({ t: 'send', cid, mid, clientId: 'bench', at: Date.now(), kind: 'text', body });
      open.set(mid, frame);
      client.send(frame);
    });
    return loop.result;
  },
  /** The bus alone, between two connections: what no chat can be faster than. */
  bare: async ({ natsUrl, ...plan }: BarePlan): Promise<OpenLoopResult> => {
    const log = createLogger({ name: 'bench', level: 'error' });
    const [from, to] = await Promise.all(['a', 'b'].map((name) => connectBus({ url: natsUrl, name, log })));
    if (from === undefined || to === undefined) throw new Error('no bus');
    const filling = ' '.repeat(240);
    to.subscribe(SUBJECT, (payload) => bare.arrived(Number.parseInt(Buffer.from(payload).toString('latin1'), 10)));
    await to.flush();
    const bare = openLoop(plan, (index) => from.publish(SUBJECT, `${index}${filling}`));
    const result = await bare.result;
    await Promise.all([from.close(), to.close()]);
    return result;
  },
});

function onMessage({ body }: { body: { text: string } }): void {
  loop?.arrived(Number.parseInt(body.text, 10));
}

type Answer =
  | { readonly t: 'ack'; readonly mid: string }
  | { readonly t: 'error'; readonly code: ErrorCode; readonly ref?: string; readonly retryAfterMs?: number };

/** What is put off is sent again with its `mid`, and its delay goes on counting. */
function onAnswer(payload: Buffer, client: RawClient, open: Map<string, string>): void {
  const answer = JSON.parse(payload.toString()) as Answer;
  if (answer.t === 'ack') open.delete(answer.mid);
  if (answer.t !== 'error') return;
  const { code, ref = '', retryAfterMs = DEFAULT_RETRY_AFTER_MS } = answer;
  const frame = open.get(ref);
  if (frame === undefined || ERRORS[code].retry !== 'later') throw new Error(`refused: ${code}`);
  setTimeout(() => client.send(frame), retryAfterMs);
}
