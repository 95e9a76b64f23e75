import { parseArgs } from 'node:util';

export type LimitsProfile = 'production' | 'load';

export interface StartArgs {
  /** Print one line of JSON for programs instead of a table for people. */
  readonly json: boolean;
  readonly gateways: number;
  readonly chatServices: number;
  readonly limits: LimitsProfile;
  readonly help: boolean;
}

export const USAGE = `npm start [-- flags]

  --gateways N         how many gateways to run (2)
  --chat-services N    how many chat-services to run (1)
  --limits PROFILE     rate limits: load, wide enough for load tests (the default), or production
  --json               print one line of JSON for programs once everything is ready
  --help               show this

  MC_DATA_DIR          where everything is kept (.data)
  MC_PORT_BASE         the first port to try (7400)
`;

const MOST_PROCESSES = 32;

/** @throws Error naming the flag that makes no sense. */
export function parseStartArgs(args: readonly string[]): StartArgs {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      gateways: { type: 'string', default: '2' },
      'chat-services': { type: 'string', default: '1' },
      limits: { type: 'string', default: 'load' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    json: values.json,
    gateways: count('--gateways', values.gateways),
    chatServices: count('--chat-services', values['chat-services']),
    limits: profile(values.limits),
    help: values.help,
  };
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST_PROCESSES) return value;
  throw new Error(`${flag} takes a number from 1 to ${MOST_PROCESSES}, not "${text}"`);
}

function profile(text: string): LimitsProfile {
  if (text === 'production' || text === 'load') return text;
  throw new Error(`--limits takes "production" or "load", not "${text}"`);
}
