import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NATS } from './acquire/program.ts';
import { type FetchOptions, fetchedKind } from './fetched-kind.ts';
import { firstLine } from './probe.ts';
import { type DevServer, type ServerOptions, startServer } from './server.ts';

/** Room for a full frame of members or a batch of messages, well above the largest message. */
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

export interface NatsOptions extends ServerOptions, FetchOptions {
  /** Bytes that JetStream may promise to its streams; what the disk has room for when left out. */
  readonly maxFileStore?: number;
  /** Where it answers `/varz` and the like; nowhere when left out. Must be free. */
  readonly monitorPort?: number;
  /** False for a server that keeps no stream, as one of another region that only passes messages on. True when left out. */
  readonly jetstream?: boolean;
  /** More lines of its configuration: how it is joined to other servers. */
  readonly lines?: readonly string[];
}

export interface NatsServer extends DevServer {
  /** Deletes every stream of a stopped server, as the loss of its disk would. @throws Error while it runs. */
  wipeStore(): Promise<void>;
}

/** NATS with JetStream, on the loopback address, its streams kept in the data folder. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const dataDir = resolve(options.dataDir);
  const store = join(dataDir, 'store');
  const server = await startServer({ ...options, dataDir }, (port) =>
    fetchedKind(NATS, { ...options, dataDir, port }, async ({ host }) => {
      const configFile = join(dataDir, 'nats.conf');
      await mkdir(store, { recursive: true });
      await writeFile(configFile, configuration({ ...options, host, port, store }));
      return {
        url: `nats://127.0.0.1:${port}`,
        args: ['--config', configFile],
        // As in docker-compose.yml.
        env: { GOMAXPROCS: '1' },
        answers: async () =>
          (await firstLine(port)).includes(options.jetstream === false ? '"server_id"' : '"jetstream":true'),
        stopSignal: 'SIGTERM',
      };
    }),
  );
  return Object.assign(server, {
    wipeStore: async () => {
      if (server.isRunning) throw new Error('stop NATS before wiping its store');
      await rm(store, { recursive: true, force: true });
      await mkdir(store, { recursive: true });
    },
  });
}

interface Configured extends Pick<NatsOptions, 'maxFileStore' | 'monitorPort' | 'jetstream' | 'lines'> {
  readonly host: string;
  readonly port: number;
  readonly store: string;
}

function configuration({ host, port, store, maxFileStore, monitorPort, jetstream, lines = [] }: Configured): string {
  const limit = maxFileStore === undefined ? '' : `, max_file_store: ${maxFileStore}`;
  return [
    `server_name: "messagecore-${port}"`,
    `listen: "${host}:${port}"`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    // As in deploy/docker/nats.conf: a connection that died without a word is found out in seconds.
    'ping_interval: "5s"',
    'ping_max: 2',
    ...(monitorPort === undefined ? [] : [`http: "${host}:${monitorPort}"`]),
    ...(jetstream === false ? [] : [`jetstream: { store_dir: "${store}"${limit} }`]),
    ...lines,
    '',
  ].join('\n');
}
