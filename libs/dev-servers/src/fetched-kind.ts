import { acquire, type Acquired } from './acquire/acquire.ts';
import { launchContainer } from './acquire/containers.ts';
import type { ServerSource } from './acquire/program.ts';
import { versionOf } from './acquire/version.ts';
import { hostEnvironment } from './config.ts';
import { type Log, logToStderr } from './log.ts';
import { launchProcess, type Running } from './running.ts';
import { type Kind, logFileOf } from './server.ts';

export interface FetchOptions {
  /** The server as `acquire` found it, for those who want to choose the way; looked for if not given. */
  readonly acquired?: Acquired;
}

interface FetchedKindOptions extends FetchOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly log?: Log;
}

interface FetchedServer extends Pick<Kind, 'url' | 'answers' | 'stopSignal'> {
  readonly args: readonly string[];
  /** Beside the environment of this machine; of a container's none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The kind of a server that had to be found or fetched: the same files and arguments for a program and for a container. */
export async function fetchedKind(
  source: ServerSource,
  { dataDir, port, log = logToStderr, ...rest }: FetchedKindOptions,
  describe: (inside: { host: string }) => Promise<FetchedServer>,
): Promise<Kind> {
  const acquired = rest.acquired ?? (await acquire(source, { log }));
  const logFile = logFileOf(dataDir);
  // A container is published on the loopback address; inside it the server must listen to the container's network.
  const server = await describe({ host: acquired.kind === 'image' ? '0.0.0.0' : '127.0.0.1' });
  const { args, stopSignal } = server;
  const launch = (): Promise<Running> => {
    if (acquired.kind === 'image') {
      const command = [source.commands[0], ...args] as const;
      return launchContainer({ image: acquired.image, command, port, dataDir, logFile, stopSignal });
    }
    const env = { ...hostEnvironment().variables, ...acquired.program.env, ...server.env };
    return launchProcess(acquired.program.path, args, { env, logFile, stopSignal, cwd: dataDir });
  };
  return {
    title: source.title,
    version: acquired.kind === 'image' ? tagOf(acquired.image) : ((await versionOf(acquired.program)) ?? 'unknown'),
    port,
    ...server,
    prepare: async () => {},
    launch,
  };
}

const tagOf = (image: string): string => image.split(':')[1] ?? 'unknown';
