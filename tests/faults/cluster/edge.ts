/** A NATS in another region, joined to the one at home over wires that can be made slow or cut. */
import { join } from 'node:path';
import { freePort, type NatsServer, startNats } from '@messagecore/dev-servers';
import type { Links } from './links.ts';

/**
 * `leaf`: a leaf node of the server at home. `supercluster`: a cluster of its own; what joins the two, NATS calls gateways, which
 * are not ours. The one at home then has three servers, without which it keeps no stream.
 */
export type EdgeKind = 'leaf' | 'supercluster';

/** Where the edge reaches the server at home, and what that one's configuration says of it. */
export interface Joint {
  /** Of the first server at home. */
  readonly lines: readonly string[];
  /** Starts what is still missing at home, and the edge, to which a gateway connects. */
  start(dir: string): Promise<{ readonly edge: NatsServer; readonly members: readonly NatsServer[] }>;
}

export async function layJoint(kind: EdgeKind, links: Links): Promise<Joint> {
  return kind === 'leaf' ? layLeaf(links) : laySupercluster(links);
}

async function layLeaf(links: Links): Promise<Joint> {
  const listening = await freePort();
  const port = await links.lay('edge-home', 0, listening);
  const url = `nats-leaf://127.0.0.1:${port}`;
  return {
    lines: [`leafnodes: { listen: "127.0.0.1:${listening}", advertise: "127.0.0.1:${port}" }`],
    start: async (dir) => ({
      edge: await startNats({ ...edgeIn(dir), lines: [`leafnodes: { remotes: [{ url: "${url}" }] }`] }),
      members: [],
    }),
  };
}

/** Of two clusters each connects to the other, so that each way has a wire of its own. */
async function laySupercluster(links: Links): Promise<Joint> {
  const routes = [await freePort(), await freePort(), await freePort()];
  const [first, ...others] = await Promise.all(
    routes.map(async (own, n) => {
      const listening = await freePort();
      const advertised = await links.lay('edge-home', n, listening);
      return { advertised, lines: clusterNamed({ name: 'home', own, routes, listening, advertised }) };
    }),
  );
  if (first === undefined) throw new RangeError('no server at home');
  return {
    lines: first.lines,
    async start(dir) {
      const members = await Promise.all(
        others.map(({ lines }, n) => startNats({ dataDir: join(dir, `nats-home-${n + 2}`), lines, log: () => {} })),
      );
      const [own, listening] = [await freePort(), await freePort()];
      const advertised = await links.lay('edge-home', routes.length, listening);
      const remote = `gateways: [{ name: "home", url: "nats://127.0.0.1:${first.advertised}" }]`;
      const lines = clusterNamed({ name: 'edge', own, routes: [], listening, advertised, remote });
      return { edge: await startNats({ ...edgeIn(dir), lines }), members };
    },
  };
}

const edgeIn = (dir: string) => ({ dataDir: join(dir, 'nats-edge'), jetstream: false, log: () => {} });

interface NamedCluster {
  readonly name: string;
  /** Where this server takes those of its cluster, and where all of them do. */
  readonly own: number;
  readonly routes: readonly number[];
  readonly listening: number;
  readonly advertised: number;
  readonly remote?: string;
}

function clusterNamed({ name, own, routes, listening, advertised, remote = '' }: NamedCluster): string[] {
  const others = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  return [
    `cluster: { name: "${name}", listen: "127.0.0.1:${own}", routes: [${others}] }`,
    `gateway: { name: "${name}", listen: "127.0.0.1:${listening}", advertise: "127.0.0.1:${advertised}", ${remote} }`,
  ];
}
