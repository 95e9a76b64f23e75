import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevServer } from '@messagecore/dev-servers';

/** All that programs need to use the product: what `npm start -- --json` prints. */
export interface StartLine {
  readonly api: string;
  readonly gateways: readonly string[];
  readonly web: string;
  readonly tenantId: string;
  readonly apiKey: string;
  readonly adminKey: string;
  /** Of the service processes themselves. */
  readonly pids: { readonly chatService: readonly number[]; readonly gateways: readonly number[] };
}

export interface ServerState {
  readonly title: string;
  readonly version: string;
  readonly url: string;
  /** Null for a server in a container. */
  readonly pid: number | null;
}

/** The line, and what only programs of this repository ask for: the servers, the demo's room, and who runs it all. */
export interface ProductState extends StartLine {
  readonly cid: string;
  readonly supervisor: number;
  readonly servers: Readonly<Record<'postgres' | 'nats' | 'redis', ServerState>>;
}

/** Exactly the documented fields, in their order. */
export function startLine({ api, gateways, web, tenantId, apiKey, adminKey, pids }: ProductState): string {
  const line: StartLine = { api, gateways, web, tenantId, apiKey, adminKey, pids };
  return JSON.stringify(line);
}

export function serverState({ title, version, url, pid }: DevServer, address = url): ServerState {
  return { title, version, url: address, pid: pid ?? null };
}

export interface StateFile {
  /** Replaces the whole file at once: a reader never sees half of it. */
  write(state: ProductState): Promise<void>;
  remove(): Promise<void>;
}

/** `running.json`, for its owner alone since keys are in it. */
export function stateFile(dataDir: string): StateFile {
  const path = join(dataDir, 'running.json');
  let last: Promise<unknown> = Promise.resolve();
  const after = (work: () => Promise<void>) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  return {
    write: (state) =>
      after(async () => {
        await writeFile(`${path}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
        await rename(`${path}.new`, path);
      }),
    remove: () => after(() => rm(path, { force: true })),
  };
}
