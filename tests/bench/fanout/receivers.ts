/** Sockets that count what they receive, in a process of their own, so that only the server's work is measured. */
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';
import { FRAME_BYTES } from './frames.ts';

export interface ReceiversPlan {
  readonly url: string;
  readonly protocol?: string;
  readonly count: number;
  /** Whether they must speak engine.io. */
  readonly socketio: boolean;
}

const AT_ONCE = 100;
const OPENED = '0'.charCodeAt(0);
const ENGINE_PING = '2'.charCodeAt(0);

let received = 0;
let target = Number.POSITIVE_INFINITY;
let reached = Promise.withResolvers<number>();
const clients: RawClient[] = [];

answerParent({
  connect: async ({ url, protocol, count, socketio }: ReceiversPlan) => {
    const open = async () => {
      const onFrame = socketio ? onEngineFrame : countFrame;
      clients.push(await openRawClient({ url, onFrame, ...(protocol === undefined ? {} : { protocol }) }));
    };
    for (let opened = 0; opened < count; opened += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open));
    }
    return clients.length;
  },
  /** Counts from here to `frames`; to be answered before they are sent. */
  expect: (frames: number) => {
    received = 0;
    target = frames;
    reached = Promise.withResolvers<number>();
  },
  /** Settles when all that is expected has come. */
  arrived: () => reached.promise,
});

function countFrame(payload: Buffer): void {
  if (payload.length !== FRAME_BYTES) return;
  received += 1;
  if (received === target) reached.resolve(received);
}

function onEngineFrame(payload: Buffer, client: RawClient): void {
  if (payload.length === FRAME_BYTES) countFrame(payload);
  else if (payload[0] === OPENED) client.send('40');
  else if (payload.length === 1 && payload[0] === ENGINE_PING) client.send('3');
}
