import { TcpProxy, type Weather } from '@messagecore/testkit';

/** Two parts that talk to each other, in the direction in which they connect. */
export type Route =
  | 'client-gateway'
  | 'gateway-nats'
  | 'chat-service-nats'
  | 'chat-service-postgres'
  | 'chat-service-redis'
  /** Between two NATS, of which the first gateway has one. */
  | 'edge-home';

interface Link {
  readonly route: Route;
  /** Which of the processes of its kind connects; of the gateways for clients. Counted from 0. */
  readonly index: number;
  readonly proxy: TcpProxy;
}

/** The network of a cluster: a faulty wire for each process and each server that it talks to. */
export class Links {
  readonly #links: Link[] = [];

  /** Lays a wire to a port; returns the port to connect to instead. */
  async lay(route: Route, index: number, port: number): Promise<number> {
    const proxy = await TcpProxy.start({ host: '127.0.0.1', port });
    this.#links.push({ route, index, proxy });
    return proxy.port;
  }

  /** The wires of a route; of one process, when `index` says which. @throws Error when the cluster has no such wire. */
  of(route: Route, index?: number): Wires {
    const found = this.#links.filter((link) => link.route === route && (index ?? link.index) === link.index);
    if (found.length === 0) throw new Error(`no link ${route} ${index ?? ''}: the scenario needs \`wired\``);
    return new Wires(found.map(({ proxy }) => proxy));
  }

  /** Every wire of the processes of one kind. */
  from(kind: 'gateway' | 'chat-service', index: number): Wires {
    const found = this.#links.filter((link) => link.route.startsWith(`${kind}-`) && link.index === index);
    return new Wires(found.map(({ proxy }) => proxy));
  }

  /** Fair weather everywhere. */
  heal(): void {
    for (const { proxy } of this.#links) proxy.set({});
  }

  async stop(): Promise<void> {
    await Promise.all(this.#links.splice(0).map(({ proxy }) => proxy.stop()));
  }
}

/** Some wires that share a fate. */
export class Wires {
  readonly #proxies: readonly TcpProxy[];

  constructor(proxies: readonly TcpProxy[]) {
    this.#proxies = proxies;
  }

  set(weather: Weather): void {
    for (const proxy of this.#proxies) proxy.set(weather);
  }

  /** Breaks every connection; new ones work. */
  cut(): void {
    for (const proxy of this.#proxies) proxy.cut();
  }

  /** Makes every connection half-open; new ones work. */
  forget(): void {
    for (const proxy of this.#proxies) proxy.forget();
  }
}
