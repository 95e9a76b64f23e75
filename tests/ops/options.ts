import { parseArgs } from 'node:util';
import { BREAKAGES } from './breakages.ts';

export interface OpsOptions {
  /** All when empty. */
  readonly only: readonly string[];
  readonly list: boolean;
  readonly timeoutS: number;
}

export const USAGE = `Usage: npm run ops-test -- [options]

Breaks one thing after the other, each in a system of its own that a real Prometheus watches, and waits until the alerts fire
that must tell of it. The rules are those of deploy/prometheus, with windows of seconds.

  --only A,B     these alone
  --list         what is broken, and which alerts are to fire
  --timeout S    how long to wait for them (90)

Exit code: 0 when all fired; 1 otherwise.`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): OpsOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      list: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      timeout: { type: 'string', default: '90' },
    },
  });
  if (values.help) return 'help';
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.find((name) => BREAKAGES.every((breakage) => breakage.name !== name));
  if (unknown !== undefined) throw new Error(`nothing is called "${unknown}": see --list`);
  const timeoutS = Number(values.timeout);
  if (!(timeoutS > 0)) throw new Error('--timeout is a number of seconds');
  return { only, list: values.list, timeoutS };
}
