import type { LineChart, PanelChart } from '../../bench/report/chart.ts';
import { drawChart } from '../../bench/report/report.ts';
import { CONNECTIONS_A_GATEWAY } from '../plan/costs.ts';
import type { Part } from '../report/document.ts';
import type { Autoscaler, Metric } from './autoscaler.ts';
import { connectionsIn, findingsOf } from './findings.ts';
import { HOUR } from './load.ts';
import type { Change } from './scaled.ts';
import type { Day, Moment } from './simulate-day.ts';
import { gatewayBytes } from './usage.ts';
import { otherVariants, plainDay, productionDay, type Variant } from './variants.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en');
const MIB = 2 ** 20;
const most = (values: readonly number[]) => Math.max(...values);

/** The part of docs/kubernetes.md that shows what the autoscalers do on a day, with its picture. Needs kustomize. */
export function partOfDay(): Part {
  const day = productionDay();
  const plain = plainDay();
  const variants = [
    { title: 'KEDA; gateways are chosen in turn (ingress-nginx)', day },
    { title: 'without KEDA', day: plain },
    ...otherVariants(),
  ];
  const chart = chartOf(day, plain);
  const text = [tableOfVariants(variants), `![${chart.title}](images/${chart.name}.svg)`, tableOfHours(day)];
  return {
    ...{ id: 'day', page: 'kubernetes.md', text: text.join('\n\n') },
    pictures: [{ name: chart.name, svg: drawChart(chart) }],
  };
}

function tableOfVariants(variants: readonly Variant[]): string {
  const signal = targetOf(variants[0]!.day.gateway.autoscaler, 'total') ?? 0;
  const request = connectionsIn(variants[0]!.day.gateway.pod.memory);
  const head = [
    ...['', 'gateways', 'hours of gateways', 'most at one gateway', 'its memory, MiB'],
    ...[signal, request, CONNECTIONS_A_GATEWAY].map((count) => `minutes above ${whole(count)}`),
    ...['cores, busiest', 'grown', 'shrunk', 'turned', 'connections moved'],
  ];
  const rows = variants.map(({ title, day }) => {
    const { gateways, fullest, minutesAbove, cores, changes, moved } = findingsOf(day, signal);
    return [
      ...[title, `${gateways.least} to ${gateways.most}`, whole(gateways.hours), whole(fullest)],
      whole(gatewayBytes(fullest) / MIB),
      ...[minutesAbove.signal, minutesAbove.request, minutesAbove.held].map(whole),
      ...[cores.gateway.toFixed(2), ...[changes.up, changes.down, changes.turned, moved].map(whole)],
    ];
  });
  return table(head, rows);
}

const targetOf = ({ metrics }: Autoscaler, kind: Metric['kind']) => metrics.find((one) => one.kind === kind)?.target;

function tableOfHours(day: Day): string {
  const head = [
    ...['hour', 'connections', 'messages/s', 'gateways', 'fullest', 'its memory, MiB', 'CPU, % of request'],
    ...['changed, by', 'moved', '`rpc`', 'CPU, % of request'],
  ];
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return table(
    head,
    hours.map((hour) => rowOf(day, hour)),
  );
}

function rowOf({ moments, changes, gateway, chatService }: Day, hour: number): string[] {
  const isIn = ({ at }: { readonly at: number }) => Math.floor(at / HOUR) === hour;
  const own = moments.filter(isIn);
  const sizes = own.map(({ gateways }) => gateways.replicas);
  const fullest = most(own.map(({ gateways }) => gateways.fullest));
  const before = moments.findLast(({ at }) => at < hour * HOUR)?.gateways.moved ?? 0;
  const share = (cores: readonly number[], request: number) => whole((100 * most(cores)) / request);
  return [
    ...[`${hour}`, whole(most(own.map(({ connections }) => connections))), whole(most(own.map(({ rate }) => rate)))],
    ...[rangeOf(sizes), whole(fullest), whole(gatewayBytes(fullest) / MIB)],
    share(
      own.map(({ gateways }) => gateways.cores),
      gateway.pod.cpu,
    ),
    ...[summaryOf(changes.gateways.filter(isIn)), whole((own.at(-1)?.gateways.moved ?? 0) - before)],
    rangeOf(own.map(({ chatServices }) => chatServices.replicas)),
    share(
      own.map(({ chatServices }) => chatServices.cores),
      chatService.pod.cpu,
    ),
  ];
}

function rangeOf(sizes: readonly number[]): string {
  const [least, largest] = [Math.min(...sizes), most(sizes)];
  return least === largest ? `${least}` : `${least} to ${largest}`;
}

/** Pods added and removed by each metric. */
function summaryOf(changes: readonly Change[]): string {
  const names = [...new Set(changes.map(({ metric }) => metric))];
  return names
    .map((name) => {
      const steps = changes.filter(({ metric }) => metric === name).map(({ from, to }) => to - from);
      const [up, down] = [1, -1].map((sign) => steps.reduce((sum, by) => sum + Math.max(0, sign * by), 0));
      return [up ? `+${up}` : '', down ? `-${down}` : '', `\`${name}\``].filter((word) => word !== '').join(' ');
    })
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((name) => (name === '' || name === 'changed, by' ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Points of the picture are so far from each other, and are the most since the one before. */
const POINT_SECONDS = 300;
const MARK_HOURS = 3;

function chartOf(day: Day, plain: Day): PanelChart {
  const { autoscaler, pod } = day.gateway;
  const [cpu, signal] = [targetOf(autoscaler, 'utilization') ?? 0, targetOf(autoscaler, 'total') ?? 0];
  const line = (name: string, read: (moment: Moment) => number, of: Day = day) => ({
    name,
    points: pointsOf(of, read),
  });
  return {
    kind: 'panels',
    name: 'day-autoscaling',
    title: 'Autoscaling on a simulated day',
    panels: [
      panel('The load', '', 90, [
        line('connections, thousands', ({ connections }) => connections / 1_000),
        line('messages a second, hundreds', ({ rate }) => rate / 100),
      ]),
      panel('Connections of a gateway, with KEDA', 'connections', 10_000, [
        line('fullest', ({ gateways }) => gateways.fullest),
        line('mean of those that are ready', ({ connections, gateways }) => connections / gateways.ready),
        line('target', () => signal),
      ]),
      panel('CPU, with KEDA', '% of the request', 100, [
        line('busiest gateway', ({ gateways }) => (100 * gateways.cores) / pod.cpu),
        line('a chat-service of role rpc', ({ chatServices }) => (100 * chatServices.cores) / day.chatService.pod.cpu),
        line('target', () => cpu),
      ]),
      panel('Pods', 'pods', autoscaler.maxReplicas, [
        line('gateways', ({ gateways }) => gateways.replicas),
        line('gateways without KEDA', ({ gateways }) => gateways.replicas, plain),
        line('rpc', ({ chatServices }) => chatServices.replicas),
      ]),
    ],
  };
}

function panel(title: string, yTitle: string, yMost: number, series: LineChart['series']): LineChart {
  const marks = Array.from({ length: 24 / MARK_HOURS + 1 }, (_, n) => `${n * MARK_HOURS}:00`);
  return { kind: 'lines', name: title, title, yTitle, yMost, xTitle: '', yScale: 'linear', xMarks: marks, series };
}

function pointsOf({ moments, stepSeconds }: Day, read: (moment: Moment) => number) {
  const each = POINT_SECONDS / stepSeconds;
  return Array.from({ length: Math.ceil(moments.length / each) }, (_, n) => {
    const own = moments.slice(n * each, (n + 1) * each);
    return [own[0]!.at / HOUR / MARK_HOURS, most(own.map(read))] as const;
  });
}
