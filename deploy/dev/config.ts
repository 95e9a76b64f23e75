import { join } from 'node:path';

/** What the programs of this folder read from the environment. */
export interface DevConfig {
  /** Where `npm start` keeps everything; absolute or relative to the repository. */
  readonly dataDir: string;
  /** The first port to try. */
  readonly portBase: number;
}

const DEFAULT_DATA_DIR = '.data';
const DEFAULT_PORT_BASE = 7400;
const HIGHEST_PORT_BASE = 65_000;

/** @throws Error naming the variable whose value makes no sense. */
export function readDevConfig(env: NodeJS.ProcessEnv = process.env): DevConfig {
  const portBase = Number(env['MC_PORT_BASE'] ?? DEFAULT_PORT_BASE);
  if (!Number.isInteger(portBase) || portBase < 1 || portBase > HIGHEST_PORT_BASE) {
    throw new Error(`MC_PORT_BASE must be a port from 1 to ${HIGHEST_PORT_BASE}, not "${env['MC_PORT_BASE']}"`);
  }
  return { dataDir: env['MC_DATA_DIR'] || DEFAULT_DATA_DIR, portBase };
}

/** Each process would compile the same sources anew, which is a quarter of what a service does to start. */
const COMPILED = join(import.meta.dirname, '../../.cache/compiled');

/** The environment for a child process: ours, with `more` on top. */
export function childEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...more };
}
