import { drawChart } from '../../bench/report/report.ts';
import { describeMachine } from '../../bench/report/machine.ts';
import { figure } from '../../bench/report/svg.ts';
import type { LineChart } from '../../bench/report/chart.ts';
import { firstBroken, highest } from '../../bench/measure/climb.ts';
import { percent } from '../bottleneck.ts';
import { type Capacity, type Measured, SLO_P99_MS } from '../measure.ts';
import { PARTS } from '../watch.ts';
import type { Part } from './document.ts';

/** A climb as a part of the page, with its pictures. */
export function partOfCapacity(capacity: Capacity, load: string): Part {
  const { shape, flames, versions } = capacity;
  const steps = capacity.steps.toSorted((a, b) => a.rate - b.rate);
  const charts = chartsOf(capacity, steps);
  const text = [
    verdict(capacity),
    tableOf(capacity, steps),
    ...charts.map(({ title, name }) => `![${title}](images/${name}.svg)`),
    ...flames.map(({ title, name, hottest }) =>
      [
        `![Where the time goes: ${title}](images/${name}.svg)`,
        `Most of its own time in the ${title}: ${listOf(hottest)}.`,
      ].join('\n\n'),
    ),
    describeMachine(versions, new Date(), load)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n');
  const pictures = [...charts.map((chart) => ({ name: chart.name, svg: drawChart(chart) })), ...flames];
  return { id: shape.id, text, pictures };
}

/** Functions by name alone: the picture says in which file, and the page outlives the file. */
function listOf(hottest: readonly (readonly [what: string, share: number])[]): string {
  const shares = new Map<string, number>();
  for (const [what, share] of hottest) {
    const name = what.replace(/ \S+:\d+$/, '');
    shares.set(name, (shares.get(name) ?? 0) + share);
  }
  return [...shares].map(([name, share]) => `\`${name}\` ${percent(share)}`).join(', ');
}

function verdict({ shape, steps }: Capacity): string {
  const best = highest(steps);
  const broken = firstBroken(steps);
  const met = best !== undefined && best.rate * shape.perMessage >= shape.goal;
  const held =
    best === undefined
      ? `**No rate was held.**`
      : `**Highest rate held: ${figure(best.rate * shape.perMessage)} ${shape.unit}**, p50 ${figure(best.load.p50)} ms, p99 ${figure(best.load.p99)} ms, max ${figure(best.load.max)} ms.`;
  return [
    `${shape.title}. ${held} Goal ${figure(shape.goal)}: ${met ? 'met' : 'missed'}.`,
    broken === undefined
      ? 'Nothing gave way.'
      : `What gave way at ${figure(broken.rate * shape.perMessage)}: ${broken.bottleneck}.`,
  ].join(' ');
}

function tableOf({ shape }: Capacity, steps: readonly Measured[]): string {
  const head = [shape.unit, 'p50 ms', 'p99 ms', 'max ms', ...PARTS.map((part) => `${part} us`), 'machine', ''];
  const rows = steps.map(({ rate, held, load, use }) => [
    figure(rate * shape.perMessage),
    ...[load.p50, load.p99, load.max].map(figure),
    ...PARTS.map((part) => figure(use.cpuUs[part] / load.sent)),
    percent(use.machine),
    held ? '✓' : load.lost + load.missing > 0 ? '✗ fell behind' : '✗',
  ]);
  return [head, head.map(() => '--:'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function chartsOf({ shape }: Capacity, steps: readonly Measured[]): LineChart[] {
  const x = ({ rate }: Measured) => rate * shape.perMessage;
  const common = { kind: 'lines', xTitle: shape.unit } as const;
  const answered = steps.filter(({ load }) => load.p99 > 0);
  const least = Math.min(...answered.map(x));
  return [
    {
      ...common,
      name: `capacity-${shape.id}-delay`,
      title: 'Delay from send to receipt by rate',
      yTitle: 'ms',
      yScale: 'log',
      series: [
        { name: 'p99', points: answered.map((step) => [x(step), step.load.p99]) },
        { name: 'p50', points: answered.map((step) => [x(step), step.load.p50]) },
        {
          name: `SLO ${SLO_P99_MS} ms`,
          points: [
            [least, SLO_P99_MS],
            [Math.max(...steps.map(x)), SLO_P99_MS],
          ],
        },
      ],
    },
    {
      ...common,
      name: `capacity-${shape.id}-cpu`,
      title: 'Cores in use by rate',
      yTitle: 'cores',
      yScale: 'linear',
      series: PARTS.map((part) => ({
        name: part,
        points: steps.map((step) => [x(step), step.use.cpuUs[part] / 1e6 / step.use.seconds] as const),
      })),
    },
  ];
}
