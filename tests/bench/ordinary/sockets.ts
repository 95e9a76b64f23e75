import { type Bus, connectBus } from '@messagecore/bus';
import { DEFAULT_RETRY_AFTER_MS, type ErrorCode, ERRORS, SUBPROTOCOLS } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { openRawClient, type RawClient } from '../raw-client.ts';
import { digitsAt, indexInMid, indexInText, messageOf } from './frames.ts';
import { ANSWERS, type JoinPlan, subjectOf } from './plan.ts';

type Member = JoinPlan['members'][number];

/** Told of what comes, by the index of the message. */
export interface Listener {
  delivered(index: number): void;
  acknowledged(index: number): void;
  putOff(): void;
}

/** One member's way to send. */
export interface Sender {
  send(index: number): void;
  close(): void;
}

/** Opens a member's socket; settles when it has joined its conversation. */
export const OPEN = { ours: openOurs, plain: openPlain } as const;

const onClose = (reason: string) => {
  throw new Error(`a socket was closed: ${reason}`);
};

/** Three letters tell our frames apart: those behind `{"t":"`. */
const kindOf = (frame: Buffer) => (frame.length < 9 ? 0 : frame.readUIntBE(6, 3));
const [MESSAGE, ACK, JOINED, ERROR] = ['mes', 'ack', 'joi', 'err'].map((kind) => Buffer.from(kind).readUIntBE(0, 3));

async function openOurs({ url, cid }: Member, listener: Listener): Promise<Sender> {
  const joined = Promise.withResolvers<void>();
  const onFrame = (frame: Buffer) => {
    const kind = kindOf(frame);
    if (kind === MESSAGE) listener.delivered(indexInText(frame));
    else if (kind === ACK) listener.acknowledged(indexInMid(frame));
    else if (kind === JOINED) joined.resolve();
    else if (kind === ERROR) again(frame);
  };
  const client = await openRawClient({ url, protocol: SUBPROTOCOLS.json, onFrame, onClose });
  const send = (index: number) =>
    client.send(JSON.stringify({ t: 'send', clientId: 'bench', ...messageOf(cid, index) }));
  /** What is put off is sent again with its `mid`, and its delay goes on counting. */
  const again = (frame: Buffer) => {
    const error = JSON.parse(frame.toString()) as { code: ErrorCode; ref?: string; retryAfterMs?: number };
    if (error.ref === undefined || ERRORS[error.code].retry !== 'later') throw new Error(`refused: ${String(frame)}`);
    const index = indexInMid(Buffer.from(`"mid":"${error.ref}"`));
    listener.putOff();
    setTimeout(() => send(index), error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS);
  };
  client.send(JSON.stringify({ t: 'join', cid }));
  await joined.promise;
  return { send, close: () => client.destroy() };
}

/** Types of engine.io and socket.io packets, as they stand at the start of a frame. */
const ENGINE = { open: 0x30, ping: 0x32, message: 0x34 } as const;
const SOCKET = { connected: 0x30, event: 0x32, acknowledged: 0x33 } as const;

async function openPlain({ url, cid, user }: Member, listener: Listener): Promise<Sender> {
  const joined = Promise.withResolvers<void>();
  const onFrame = (frame: Buffer, client: RawClient) => {
    const [engine, socket] = frame;
    if (engine === ENGINE.open) client.send(`40${JSON.stringify({ cid, user })}`);
    else if (engine === ENGINE.ping) client.send('3');
    else if (engine !== ENGINE.message) return;
    else if (socket === SOCKET.event) listener.delivered(indexInText(frame));
    else if (socket === SOCKET.acknowledged) listener.acknowledged(digitsAt(frame, 2));
    else if (socket === SOCKET.connected) joined.resolve();
    else throw new Error(`refused: ${String(frame)}`);
  };
  const client = await openRawClient({ url, onFrame, onClose });
  await joined.promise;
  return {
    send: (index) => client.send(`42${index}["message",${JSON.stringify(messageOf(cid, index))}]`),
    close: () => client.destroy(),
  };
}

/** One connection that publishes for all members and hears the receiver's answers. */
export async function openBare(members: readonly Member[], { acknowledged }: Listener): Promise<Sender[]> {
  const [first] = members;
  if (first === undefined) return [];
  const bus: Bus = await connectBus({
    url: first.url,
    name: 'sender',
    log: createLogger({ name: 'bench', level: 'error' }),
  });
  bus.subscribe(ANSWERS, (payload) => acknowledged(digitsAt(payload, 0)));
  await bus.flush();
  return members.map(({ cid }, index) => ({
    send: (number) => void bus.publish(subjectOf(cid), JSON.stringify(messageOf(cid, number))),
    close: () => void (index === 0 && bus.close()),
  }));
}
