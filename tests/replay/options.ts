import { parseArgs } from 'node:util';

export interface ReplayOptions {
  readonly file: string;
  /** Lines of the file to use. */
  readonly limit: number;
  /** Real-time factor for files with times; undefined: as fast as possible. */
  readonly speed: number | undefined;
  readonly observers: number;
  /** How many times a gateway, a chat-service and NATS are killed. */
  readonly chaosRounds: number;
  readonly gateways: number;
  readonly chatServices: number;
  /** Sockets of authors that are open at once. */
  readonly sockets: number;
  readonly seed: number;
  /** Whether replies are sent as such, in threads. */
  readonly threads: boolean;
  readonly target: Target;
}

/** The product to replay into: one that is started for it, or a running one. */
export type Target =
  | { readonly kind: 'start' }
  | { readonly kind: 'json'; readonly source: string; readonly databaseUrl: string | undefined }
  | {
      readonly kind: 'urls';
      readonly api: string;
      readonly gateways: readonly string[];
      readonly apiKey: string;
      readonly databaseUrl: string | undefined;
    };

export const USAGE = `Usage: npm run replay -- FILE [options]

Sends every line of a conversation file (JSON Lines, .gz or not) as its author and checks what became of it.

  --limit N             the first N lines only
  --speed X             keep the file's times, X times as fast (default: as fast as possible)
  --observers N         observers in every channel; all but the first disconnect at random (3)
  --threads             send replies as replies, in threads of their conversations, and compare the threads
  --chaos               kill a gateway, a chat-service and NATS in the middle
  --chaos-rounds N      do so N times
  --seed N              seed of everything random (1)
  --sockets N           authors connected at once (4000)
  --gateways N          gateways to start (2)
  --chat-services N     chat-services to start (2)

Into a product that runs already, instead of one started for this:
  --installation FILE   the JSON line of "npm start -- --json" in a file; "-" is standard input
  --url URL --gateway WS-URL … --api-key KEY
  --database-url URL    check against the database itself; without it, through the history route

Exit code: 0 when nothing is lost, repeated, out of order or altered; 1 otherwise.`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): ReplayOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      limit: { type: 'string' },
      speed: { type: 'string' },
      observers: { type: 'string', default: '3' },
      threads: { type: 'boolean', default: false },
      chaos: { type: 'boolean', default: false },
      'chaos-rounds': { type: 'string' },
      seed: { type: 'string', default: '1' },
      sockets: { type: 'string', default: '4000' },
      gateways: { type: 'string', default: '2' },
      'chat-services': { type: 'string', default: '2' },
      installation: { type: 'string' },
      url: { type: 'string' },
      gateway: { type: 'string', multiple: true },
      'api-key': { type: 'string' },
      'database-url': { type: 'string' },
    },
  });
  if (values.help) return 'help';
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Error('exactly one FILE is needed');
  const rounds = values['chaos-rounds'] ?? (values.chaos ? '1' : '0');
  return {
    file,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : count('--limit', values.limit, 1),
    speed: values.speed === undefined ? undefined : positive('--speed', values.speed),
    observers: count('--observers', values.observers, 1),
    threads: values.threads,
    chaosRounds: count('--chaos-rounds', rounds, 0),
    gateways: count('--gateways', values.gateways, 1),
    chatServices: count('--chat-services', values['chat-services'], 1),
    sockets: count('--sockets', values.sockets, 1),
    seed: count('--seed', values.seed, 0),
    target: targetOf(values),
  };
}

interface TargetValues {
  readonly installation?: string | undefined;
  readonly url?: string | undefined;
  readonly gateway?: string[] | undefined;
  readonly 'api-key'?: string | undefined;
  readonly 'database-url'?: string | undefined;
}

function targetOf(values: TargetValues): Target {
  const databaseUrl = values['database-url'];
  if (values.installation !== undefined) return { kind: 'json', source: values.installation, databaseUrl };
  const { url, gateway, 'api-key': apiKey } = values;
  if (url === undefined) {
    if (gateway !== undefined || apiKey !== undefined) throw new Error('--gateway and --api-key go with --url');
    return { kind: 'start' };
  }
  if (gateway === undefined || apiKey === undefined) throw new Error('--url needs --gateway and --api-key');
  return { kind: 'urls', api: url, gateways: gateway, apiKey, databaseUrl };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, not "${text}"`);
  return value;
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`${name} must be a whole number from ${least}`);
  return value;
}
