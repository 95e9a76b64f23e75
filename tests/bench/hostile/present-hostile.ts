import type { BehaviourName } from '../../hostile/member/behaviours.ts';
import type { Seen } from '../../hostile/member/seen.ts';
import { percentile } from '../measure/percentile.ts';
import { figure } from '../report/svg.ts';
import type { Row, SectionResult } from '../section.ts';
import type { ProductCpu } from '../stack/cpu.ts';
import type { Delays } from './bystander-process.ts';
import type { Memory } from './resident-memory.ts';

/** One behaviour, or all together: what bystanders waited for without it and with it, and what the processes grew. */
export interface Trial {
  readonly name: string;
  readonly quiet: Delays;
  readonly hostile: Delays;
  readonly seen: Seen[];
  grown: Memory;
  /** CPU time of the product in the phases of each kind, microseconds. */
  readonly cpu: { quiet: ProductCpu; hostile: ProductCpu };
}

const PARTS = ['deliveries', 'joins', 'pages'] as const;
/** The trial in which the member does nothing. */
const CONTROL: BehaviourName = 'nothing';
const GOAL = { ratio: 1.3, memory: 256 * 1024 ** 2 };

export function present(trials: readonly Trial[]): SectionResult {
  const p99s = (delays: Delays) => PARTS.map((part) => percentile(delays[part], 0.99));
  const ratiosOf = ({ quiet, hostile }: Trial) => {
    const before = p99s(quiet);
    return p99s(hostile).map((ms, at) => ms / Math.max(before[at] ?? 0, Number.MIN_VALUE));
  };
  const control = trials.find(({ name }) => name === CONTROL);
  const beside = control === undefined ? '' : `; ${CONTROL}: ${ratiosOf(control).map(figure).join(' / ')} x`;
  const rows = trials.flatMap((trial): Row[] => {
    const { name, quiet, hostile, seen, grown, cpu } = trial;
    const ratios = ratiosOf(trial);
    const [largest = '', most = 0] = Object.entries(grown).toSorted(([, a], [, b]) => b - a)[0] ?? [];
    const sent = seen.reduce((sum, one) => sum + one.sent, 0).toLocaleString('en');
    return [
      {
        what: `${name}: p99 of deliveries / joins / pages`,
        ours: `${p99s(hostile).map(figure).join(' / ')} ms`,
        theirs: `without ${p99s(quiet).map(figure).join(' / ')} ms${trial === control ? '' : beside}`,
        ratio: `${ratios.map(figure).join(' / ')} x`,
        goal: { text: `<= ${GOAL.ratio} x`, met: ratios.every((ratio) => ratio <= GOAL.ratio) },
      },
      {
        what: `  ${sent} sent; the process that grew most`,
        ours: `${largest} ${figure(most / 1024 ** 2)} MiB`,
        theirs: '',
        ratio: '',
        goal: { text: '<= 256 MiB', met: most <= GOAL.memory },
      },
      {
        what: '  more CPU for gateways / chat-services / PostgreSQL / NATS',
        ...{ ours: more(cpu), theirs: '', ratio: '' },
      },
      ...complaintRows([...quiet.complaints, ...hostile.complaints]),
    ];
  });
  return { rows, charts: [chartOf(trials)], notes: NOTES };
}

/** What a hostile member costs, as a part of what the product uses without it. */
export function more({ quiet, hostile }: Trial['cpu']): string {
  const parts = (['gateways', 'chatService', 'postgres', 'nats'] as const).map((part) => {
    const share = (hostile[part] - quiet[part]) / Math.max(quiet[part], 1);
    return `${share < 0 ? '' : '+'}${figure(Math.round(share * 100))} %`;
  });
  return parts.join(' / ');
}

function complaintRows(complaints: readonly string[]): Row[] {
  if (complaints.length === 0) return [];
  const [first = ''] = complaints;
  const ours = `${complaints.length}, first: ${first}`;
  return [{ what: '  errors that bystanders saw', ours, theirs: '', ratio: '', goal: { text: 'none', met: false } }];
}

function chartOf(trials: readonly Trial[]): SectionResult['charts'][number] {
  return {
    kind: 'bars',
    name: 'bench-hostile',
    title: 'p99 from send to receipt in another tenant',
    unit: 'ms',
    scale: 'linear',
    series: ['without', 'beside the hostile member'],
    groups: trials.map(({ name, quiet, hostile }) => ({
      label: name,
      values: [percentile(quiet.deliveries, 0.99), percentile(hostile.deliveries, 0.99)],
    })),
  };
}

const NOTES = [
  'Production limits, two chat-services, two gateways, PostgreSQL with fsync, all on this machine. The hostile member has five sockets and 60 HTTP connections and goes on as fast as the limits of a connection, a user and an address let it, refusals included; its process has the lowest priority, so that a core goes to the product first.',
  'Bystanders of two other tenants: 200 messages/s in 20 conversations from one gateway to the other, 20 joins/s, 15 pages/s; delays count from when each was due. Phases without and with the hostile member take turns, and the ratios are of p99 over all phases of a kind. `nothing` shows how far p99 moves by itself; its ratios stand beside the others.',
  'Memory is the most that a process held above what it held before the first phase.',
];
