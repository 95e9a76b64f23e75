import { VirtualClock } from '@messagecore/kernel';
import type { DownFrame, DownFrameOf, UpFrame, UpFrameOf } from '@messagecore/protocol';
import { LIMITS } from '@messagecore/protocol/constants';
import { createClient } from '../client.ts';
import type { Client } from '../client.ts';
import type { ClientOptions } from '../options.ts';
import type { WebSocketConstructor } from '../transport/ws.ts';

export const ME = '00000000-0000-4000-8000-00000000000a';
export const YOU = '00000000-0000-4000-8000-00000000000b';
export const ROOM = '10000000-0000-4000-8000-000000000001';
export const OTHER = '10000000-0000-4000-8000-000000000002';

/** Lets everything that is due without a timer happen. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One connection as the gateway sees it. */
export class FakeSocket {
  readonly url: string;
  readonly received: UpFrame[] = [];
  open = false;
  readonly #listeners = new Map<string, ((event: never) => void)[]>();
  readonly #gateway: FakeGateway;
  readonly joined = new Set<string>();

  constructor(gateway: FakeGateway, url: string) {
    this.#gateway = gateway;
    this.url = url;
    gateway.sockets.push(this);
    queueMicrotask(() => {
      if (gateway.unreachable) return this.end(1006);
      this.open = true;
      this.#emit('open', {});
    });
  }

  binaryType = 'blob';

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string | Uint8Array): void {
    if (!this.open) return;
    const frame = JSON.parse(data as string) as UpFrame;
    this.received.push(frame);
    this.#gateway.onFrame(this, frame);
  }

  close(): void {
    this.open = false;
  }

  /** What no gateway of ours would say. */
  pushRaw(data: unknown): void {
    this.#emit('message', { data });
  }

  push(...frames: DownFrame[]): void {
    for (const frame of frames) if (this.open) this.#emit('message', { data: JSON.stringify(frame) });
  }

  /** The gateway closes, or the network breaks. */
  end(code: number): void {
    this.open = false;
    this.#emit('close', { code });
  }

  frames<T extends UpFrame['t']>(t: T): UpFrameOf<T>[] {
    return this.received.filter((frame): frame is UpFrameOf<T> => frame.t === t);
  }

  #emit(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

interface Posted {
  readonly from?: string;
  readonly text?: string;
  /** Nobody hears of it. */
  readonly lost?: boolean;
  readonly mentions?: DownFrameOf<'message'>['mentions'];
}

/** A gateway with one history for all rooms, which keeps the contract; tests bend it where they need to. */
export class FakeGateway {
  readonly clock = new VirtualClock();
  readonly sockets: FakeSocket[] = [];
  readonly rooms = new Map<string, DownFrameOf<'message'>[]>();
  unreachable = false;
  epoch = 0;
  /** Frames that it swallows. */
  deafTo = new Set<UpFrame['t']>();
  /** Answers instead of the usual one. */
  instead: ((socket: FakeSocket, frame: UpFrame) => boolean) | undefined;

  get live(): FakeSocket {
    const socket = this.sockets.findLast(({ open }) => open);
    if (socket === undefined) throw new Error('nobody is connected');
    return socket;
  }

  client(options: Partial<ClientOptions> = {}): Client {
    const { clock } = this;
    const WebSocket = webSocketOf(this);
    const url = 'ws://one.test/ws';
    return createClient({ url, token: 'secret', clientId: 'test', clock, random: () => 0, WebSocket, ...options });
  }

  room(cid: string): DownFrameOf<'message'>[] {
    const room = this.rooms.get(cid) ?? [];
    this.rooms.set(cid, room);
    return room;
  }

  /** Stores a message and sends it to all who joined, but for what is lost on the way. */
  post(cid: string, mid: string, posted: Posted = {}): DownFrameOf<'message'> {
    const { from = YOU, text = mid, lost = false, mentions } = posted;
    const room = this.room(cid);
    const stored = room.find((message) => message.mid === mid);
    if (stored !== undefined) return stored;
    const seq = room.length + 1;
    const message = {
      t: 'message',
      cid,
      seq,
      mid,
      from,
      at: this.clock.now(),
      kind: 'text',
      body: { text },
      ...(mentions && { mentions }),
      rev: 0,
    } as const;
    room.push(message);
    for (const socket of this.sockets) if (socket.joined.has(cid) && !lost) socket.push(message);
    return message;
  }

  onFrame(socket: FakeSocket, frame: UpFrame): void {
    if (this.deafTo.has(frame.t) || this.instead?.(socket, frame) === true) return;
    if (frame.t === 'auth') socket.push(this.ready());
    if (frame.t === 'ping') socket.push({ t: 'pong', at: frame.at });
    if (frame.t === 'join') this.#join(socket, frame.cid, frame.since);
    if (frame.t === 'resume') for (const [cid, [since]] of Object.entries(frame.pos)) this.#join(socket, cid, since);
    if (frame.t === 'leave') socket.joined.delete(frame.cid);
    if (frame.t === 'edit' || frame.t === 'recall' || frame.t === 'react') {
      socket.push({ t: 'result', ref: frame.ref, cid: frame.cid, rev: 1 });
    }
    if (frame.t === 'read' && frame.ref !== undefined) {
      socket.push({ t: 'result', ref: frame.ref, cid: frame.cid, pos: frame.pos, unread: 0 });
    }
    if (frame.t === 'send') {
      const { cid, mid, body } = frame;
      const { seq } = this.post(cid, mid, { from: ME, text: String(body['text']) });
      socket.push({ t: 'ack', cid, mid, pos: seq, at: this.clock.now() });
    }
  }

  ready(): DownFrameOf<'ready'> {
    const { frameBytes, textCodePoints, joinedConversations, resumeConversations, sendsInFlight } = LIMITS;
    const counts = { frameBytes, textCodePoints, joinedConversations, resumeConversations, sendsInFlight };
    const limits = { ...counts, framesPerSecond: 100, sendsPerSecond: 30 };
    const { heartbeatMs } = LIMITS;
    return { t: 'ready', userId: ME, serverTs: this.clock.now(), sid: 's', heartbeatMs, limits };
  }

  #join(socket: FakeSocket, cid: string, since: number | undefined): void {
    const room = this.room(cid);
    const head = room.length;
    if (since !== undefined && since > head) {
      socket.push({ t: 'error', code: 'cursor_ahead', msg: '', cid, head, epoch: this.epoch });
      return;
    }
    socket.joined.add(cid);
    socket.push({ t: 'joined', cid, head, rev: 0, epoch: this.epoch, first: 1 }, ...room.slice(since ?? head));
  }
}

/** The class that leads to this gateway. */
function webSocketOf(gateway: FakeGateway): WebSocketConstructor {
  return class extends FakeSocket {
    constructor(url: string) {
      super(gateway, url);
    }
  };
}

/** A gateway and a client that is online, with everything the application was given. */
export async function connected(options: Partial<ClientOptions> = {}) {
  const gateway = new FakeGateway();
  const client = gateway.client(options);
  const shown: string[] = [];
  client.on('message', ({ seq, mid }) => shown.push(`${seq}:${mid}`));
  client.connect();
  await settle();
  return { gateway, client, shown };
}

/** The connection breaks, and the client's back-off passes. */
export async function breakConnection(gateway: FakeGateway, code = 1006, waitMs = 8_000): Promise<void> {
  gateway.live.end(code);
  gateway.clock.advance(waitMs);
  await settle();
}
