import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What the network does to bytes from now on. */
export interface Weather {
  /** Added to each direction, in milliseconds: always the same, or drawn anew for each chunk by the caller's chance. */
  readonly delayMs?: number | (() => number);
  /** True swallows everything in both directions without closing: what was on its way is lost for ever. */
  readonly silent?: boolean;
  /** True keeps everything back, new connections too, until the weather changes: TCP repeats what a partition lost. */
  readonly held?: boolean;
  /** True refuses new connections. */
  readonly refuse?: boolean;
}

/** A TCP proxy in front of one port that can slow down, hold, swallow, cut and refuse. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  readonly #knocking = new Set<Socket>();
  #weather: Weather = {};
  /** Bytes that were taken and not passed on. */
  swallowedBytes = 0;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  set(weather: Weather): void {
    this.#weather = weather;
    for (const { lanes } of this.#pairs) for (const lane of lanes) lane.pump();
    if (weather.held === true) return;
    for (const socket of this.#knocking) this.#accept(socket);
    this.#knocking.clear();
  }

  /** Cuts every connection without a word (RST). */
  cut(): void {
    for (const { sockets } of this.#pairs) for (const socket of sockets) socket.resetAndDestroy();
    for (const socket of this.#knocking) socket.resetAndDestroy();
    this.#knocking.clear();
  }

  /** Forgets every connection without telling either end, as a firewall that restarts: new ones work. */
  forget(): void {
    for (const pair of this.#pairs) pair.forgotten = true;
  }

  async stop(): Promise<void> {
    this.#weather = {};
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const { refuse, held } = this.#weather;
    if (refuse === true) {
      client.resetAndDestroy();
      return;
    }
    if (held === true) {
      this.#knocking.add(client.on('error', () => {}).once('close', () => this.#knocking.delete(client)));
      return;
    }
    const upstream = connect({ ...this.#target, allowHalfOpen: true });
    const pair: Pair = { sockets: [client, upstream], lanes: [], forgotten: false };
    const weather = () => (pair.forgotten ? FORGOTTEN : this.#weather);
    const swallow = (bytes: number) => void (this.swallowedBytes += bytes);
    pair.lanes.push(new Lane(client, upstream, weather, swallow), new Lane(upstream, client, weather, swallow));
    this.#pairs.add(pair);
    for (const socket of pair.sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        // Of a forgotten connection neither end learns that the other is gone.
        if (pair.forgotten && pair.sockets.some(({ destroyed }) => !destroyed)) return;
        this.#pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
  }
}

interface Pair {
  readonly sockets: readonly [Socket, Socket];
  readonly lanes: Lane[];
  forgotten: boolean;
}

const FORGOTTEN: Weather = { silent: true };

/** What one direction keeps before it stops reading, as a receiver's window would. */
const LANE_BYTES = 1024 * 1024;

interface Parcel {
  /** Undefined stands for the end of the stream. */
  readonly chunk: Buffer | undefined;
  readonly dueAt: number;
}

/** One direction of one connection: bytes leave in the order in which they came, whatever the weather does to them. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  readonly #swallow: (bytes: number) => void;
  readonly #parcels: Parcel[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, weather: () => Weather, swallow: (bytes: number) => void) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    this.#swallow = swallow;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take(undefined));
    from.on('close', () => clearTimeout(this.#timer));
    to.on('drain', () => this.pump());
  }

  /** Passes on everything whose time has come. */
  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#parcels.length > 0 && this.#weather().held !== true && !this.#to.writableNeedDrain) {
      const waitMs = (this.#parcels[0]?.dueAt ?? 0) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        break;
      }
      this.#pass(this.#parcels.shift()?.chunk);
    }
    if (this.#bytes > LANE_BYTES) this.#from.pause();
    else this.#from.resume();
  }

  #take(chunk: Buffer | undefined): void {
    const { silent, delayMs = 0 } = this.#weather();
    if (silent === true) return this.#swallow(chunk?.length ?? 0);
    const dueAt = performance.now() + (typeof delayMs === 'number' ? delayMs : delayMs());
    this.#parcels.push({ chunk, dueAt: Math.max(dueAt, this.#parcels.at(-1)?.dueAt ?? 0) });
    this.#bytes += chunk?.length ?? 0;
    this.pump();
  }

  #pass(chunk: Buffer | undefined): void {
    this.#bytes -= chunk?.length ?? 0;
    if (this.#to.destroyed) return;
    if (chunk === undefined) this.#to.end();
    else this.#to.write(chunk);
  }
}
