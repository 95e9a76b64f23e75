import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What the network does to bytes from now on. */
export interface Weather {
  /** Added to each direction, in milliseconds. */
  readonly delayMs?: number;
  /** True swallows everything in both directions without closing: a half-open connection. */
  readonly silent?: boolean;
  /** True refuses new connections. */
  readonly refuse?: boolean;
}

/** A TCP proxy in front of one port that can slow down, swallow, cut and refuse. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
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
  }

  /** Cuts every connection without a word (RST). */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#weather.refuse === true) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...this.#target, allowHalfOpen: true });
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    this.#pipe(client, upstream);
    this.#pipe(upstream, client);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
  }

  #pipe(from: Socket, to: Socket): void {
    const later = (bytes: number, action: () => void) => {
      const { delayMs = 0, silent = false } = this.#weather;
      if (silent) this.swallowedBytes += bytes;
      else if (delayMs === 0) action();
      else setTimeout(action, delayMs);
    };
    from.on('data', (chunk) => later(chunk.length, () => to.destroyed || to.write(chunk)));
    from.on('end', () => later(0, () => to.destroyed || to.end()));
  }
}
