import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { getContainerRuntimeClient, getReaper, ImageName, LABEL_TESTCONTAINERS_SESSION_ID } from 'testcontainers';
import type { Log } from '../log.ts';
import type { Running } from '../running.ts';

/**
 * Makes sure that `image` can be run here. False when no container runtime answers, which is known in milliseconds.
 *
 * @throws Error of the runtime when the image, or the reaper's, cannot be had.
 */
export async function prepareImage(image: string, log: Log): Promise<boolean> {
  const client = await getContainerRuntimeClient().catch(() => undefined);
  if (client === undefined) return false;
  const name = ImageName.fromString(image);
  if (!(await client.image.exists(name))) {
    log(`pulling the image ${image}`);
    await client.image.pull(name);
  }
  await getReaper(client);
  return true;
}

export interface ContainerLaunch {
  readonly image: string;
  readonly command: readonly [string, ...string[]];
  /** The same number inside and outside. */
  readonly port: number;
  /** Seen under the same path inside, so one configuration file serves both kinds of server. */
  readonly dataDir: string;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
}

/**
 * Runs a server in a container of its own, from an image that `prepareImage` saw, reachable on the loopback address alone.
 * testcontainers finds the runtime, and its reaper removes the container when this process dies without doing so.
 */
export async function launchContainer(launch: ContainerLaunch): Promise<Running> {
  const { image, command, port, dataDir, stopSignal } = launch;
  const [entrypoint, ...args] = command;
  const client = await getContainerRuntimeClient();
  const { sessionId } = await getReaper(client);
  const container = await client.container.create({
    Image: image,
    Entrypoint: [entrypoint],
    Cmd: args,
    User: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    Labels: { [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId },
    StopSignal: stopSignal,
    ExposedPorts: { [`${port}/tcp`]: {} },
    HostConfig: {
      AutoRemove: true,
      Binds: [`${dataDir}:${dataDir}`],
      PortBindings: { [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    },
  });
  const waiting: Promise<{ StatusCode: number }> = container.wait({ condition: 'next-exit' });
  let over = false;
  const exited = waiting.then(
    ({ StatusCode }) => `exit code ${StatusCode}`,
    (error: unknown) => `lost sight of the container: ${String(error)}`,
  );
  void exited.then(() => (over = true));
  await container.start();
  const output = await client.container.logs(container);
  pipeline(output, createWriteStream(launch.logFile, { flags: 'a' })).catch(() => {});

  return {
    pid: undefined,
    exited,
    hasExited: () => over,
    stop: async (graceMs) => {
      await container.stop({ t: Math.ceil(graceMs / 1000) }).catch(ignoreGone);
      await exited;
    },
    kill: async () => {
      await container.kill({ signal: 'SIGKILL' }).catch(ignoreGone);
      await exited;
    },
  };
}

const GONE = new Set([304, 404, 409]);

/** Not running any more (304, 409), or removed already (404): what was asked for. */
function ignoreGone(error: unknown): void {
  const status = (error as { statusCode?: number }).statusCode;
  if (status === undefined || !GONE.has(status)) throw error;
}
