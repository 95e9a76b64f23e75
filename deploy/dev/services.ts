import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DevServer,
  launchProcess,
  type Log,
  logFileOf,
  type ReservedPort,
  startServer,
} from '@messagecore/dev-servers';
import { NODE_FLAGS } from '@messagecore/runtime';
import { childEnvironment } from './config.ts';

/** The programs of the product, by their files. */
export interface Programs {
  readonly migrate: string;
  readonly upkeep: string;
  readonly chatService: string;
  readonly gateway: string;
}

const ROOT = join(import.meta.dirname, '../..');

export const PROGRAMS: Programs = {
  migrate: join(ROOT, 'services/chat-service/src/migrate.ts'),
  upkeep: join(ROOT, 'services/chat-service/src/upkeep.ts'),
  chatService: join(ROOT, 'services/chat-service/src/main.ts'),
  gateway: join(ROOT, 'services/gateway/src/main.ts'),
};

export const HOST = '127.0.0.1';

export interface ServiceOptions {
  readonly title: string;
  readonly kind: keyof typeof NODE_FLAGS;
  readonly program: string;
  readonly reserved: ReservedPort;
  readonly dataDir: string;
  /** What the service is told beside its host and port. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Starts a service of ours as a process and waits until its `/ready` says so. Its output is kept below `dataDir`. */
export async function startService(options: ServiceOptions): Promise<DevServer> {
  const { title, kind, program, dataDir, reserved, log } = options;
  const { port } = reserved;
  const url = `http://${HOST}:${port}`;
  const env = childEnvironment({ ...options.env, HOST, PORT: String(port) });
  await mkdir(dataDir, { recursive: true });
  await reserved.release();
  return startServer({ dataDir, port, log }, async () => ({
    title,
    version: '',
    url,
    port,
    stopSignal: 'SIGTERM',
    prepare: async () => {},
    // The folder on the command line is how a process left behind is recognised.
    launch: () =>
      launchProcess(process.execPath, [...NODE_FLAGS[kind], program, dataDir], {
        ...{ env, logFile: logFileOf(dataDir), stopSignal: 'SIGTERM' },
      }),
    answers: async () => (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
  }));
}
