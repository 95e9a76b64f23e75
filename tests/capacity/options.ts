import { parseArgs } from 'node:util';
import { SHAPE_IDS, type ShapeId } from './shape.ts';

export interface CapacityOptions {
  readonly shapes: readonly ShapeId[];
  readonly quick: boolean;
  readonly write: boolean;
  readonly profile: boolean;
  /** One step at this many messages a second instead of the climb. */
  readonly rate: number | undefined;
  /** Minutes of the soak, which is run instead of the shapes. */
  readonly soakMinutes: number | undefined;
  /** Nothing is measured: what larger loads need is reckoned from what was. */
  readonly plan: boolean;
  /** Nothing is measured: a day with the autoscalers as they are deployed is simulated. */
  readonly day: boolean;
  /** What distance costs: measured with long lines, or reckoned alone. */
  readonly regions: 'measured' | 'reckoned' | undefined;
}

export const USAGE = `Usage: npm run capacity [-- options]

Runs the whole product on this machine and raises the load until the delay from send to receipt breaks the SLO
(99 of 100 within 800 ms). Says the highest rate held, what each message cost each process, and what gave way first.
The parts of docs/capacity.md and their pictures that it measured are written anew. The machine should do nothing else.

  --shape A,B    what to measure: ${SHAPE_IDS.join(', ')}; both when left out
  --profile      also sample where the processes spend their time, and draw flame graphs
  --rate N       one step at N messages a second; nothing is written
  --soak MIN     instead: people come and go for so many minutes while memory is watched
  --plan         instead, at once: what 10,000 to 10 million connections need and cost, by what was measured earlier
  --day          instead, at once: what the autoscalers of deploy/k8s do on a simulated day, for docs/kubernetes.md;
                 needs kubectl or kustomize
  --regions      instead: one line of the product is made long, each act is timed, and docs/regions.md is written
  --distances    instead, at once: the tables of docs/regions.md that are reckoned
  --quick        a minute's worth: shows that everything works; nothing is written
  --no-write     measure, but leave the documentation alone`;

/** @throws Error saying which argument makes no sense. */
export function parseOptions(args: readonly string[]): CapacityOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      shape: { type: 'string' },
      profile: { type: 'boolean', default: false },
      rate: { type: 'string' },
      soak: { type: 'string' },
      plan: { type: 'boolean', default: false },
      day: { type: 'boolean', default: false },
      regions: { type: 'boolean', default: false },
      distances: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: true },
    },
  });
  if (values.help) return 'help';
  const rate = positive('--rate', values.rate);
  return {
    shapes: values.shape === undefined ? SHAPE_IDS : values.shape.split(',').map(shapeId),
    quick: values.quick,
    write: values.write && !values.quick && rate === undefined,
    profile: values.profile,
    rate,
    soakMinutes: positive('--soak', values.soak),
    plan: values.plan,
    day: values.day,
    regions: values.regions ? 'measured' : values.distances ? 'reckoned' : undefined,
  };
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${flag} takes a number above 0, not "${text}"`);
}

function shapeId(text: string): ShapeId {
  const id = SHAPE_IDS.find((known) => known === text);
  if (id === undefined) throw new Error(`--shape takes ${SHAPE_IDS.join(', ')}, not "${text}"`);
  return id;
}
