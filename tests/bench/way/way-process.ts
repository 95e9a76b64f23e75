/** Senders at one gateway and receivers at the other, in one process: one clock for both ends. */
import { connectBus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
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

const newMid = createUlid();
let senders: { readonly cid: string; readonly client: RawClient }[] = [];
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
      return { cid, client: await openRawClient({ url: sendAt, protocol, onFrame: onAnswer }) };
    };
    senders = await Promise.all(pairs.map(open));
  },
  run: (plan: OpenLoopPlan): Promise<OpenLoopResult> => {
    loop = openLoop(plan, (index) => {
      const sender = senders[index % senders.length];
      const body = { text: `${index} ${FILLING}` };
      const frame = {
        t: 'send',
        cid: sender?.cid,
        mid: newMid(),
        clientId: 'bench',
        at: Date.now(),
        kind: 'text',
        body,
      };
      sender?.client.send(JSON.stringify(frame));
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

function onAnswer(payload: Buffer): void {
  const json = payload.toString();
  if (json.startsWith('{"t":"error"')) throw new Error(json);
}
