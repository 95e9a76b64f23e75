import type { LineChart } from '../../bench/report/chart.ts';
import { describeMachine } from '../../bench/report/machine.ts';
import { drawChart } from '../../bench/report/report.ts';
import { figure } from '../../bench/report/svg.ts';
import { type Sample, type Soak, SOAKED, type SoakedName } from '../soak/soak.ts';
import type { Part } from './document.ts';

type Measure = 'rss' | 'heap';

export function partOfSoak({ minutes, samples, counts, versions }: Soak, load: string): Part {
  const { visits, sent, acknowledged, delivered, lost, repeated, refused } = counts;
  const chart: LineChart = {
    kind: 'lines',
    name: 'soak-memory',
    title: 'Memory while people come and go, after a full collection',
    xTitle: 'minutes',
    yTitle: 'MiB',
    yScale: 'linear',
    series: SOAKED.flatMap((name) => [
      { name: `${name}, resident`, points: pointsOf(samples, name, 'rss') },
      { name: `${name}, heap`, points: pointsOf(samples, name, 'heap') },
    ]),
  };
  const count = (value: number) => value.toLocaleString('en');
  const text = [
    `${figure(minutes)} minutes: ${count(visits)} visits, ${count(sent)} messages sent, ${count(acknowledged)} acknowledged, ${count(delivered)} delivered; lost ${count(lost)}, repeated ${count(repeated)}, refused ${count(refused)}.`,
    tableOf(samples),
    `![${chart.title}](images/${chart.name}.svg)`,
    describeMachine(versions, new Date(), load)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n');
  return { id: 'soak', text, pictures: [{ name: chart.name, svg: drawChart(chart) }] };
}

function pointsOf(samples: readonly Sample[], name: SoakedName, measure: Measure) {
  return samples.map(({ minute, memory }) => [minute, memory[name][measure]] as const);
}

/** The mean of each quarter: a leak shows as a rise that does not end. */
function tableOf(samples: readonly Sample[]): string {
  const quarter = (n: number) =>
    samples.slice(Math.floor((samples.length * n) / 4), Math.max(1, Math.floor((samples.length * (n + 1)) / 4)));
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const rows = SOAKED.flatMap((name) =>
    (['rss', 'heap'] as const).map((measure) => [
      `${name}, ${measure === 'rss' ? 'resident' : 'heap'} MiB`,
      ...[0, 1, 2, 3].map((n) => mean(quarter(n).map(({ memory }) => memory[name][measure])).toFixed(1)),
    ]),
  );
  const head = ['', 'first quarter', 'second', 'third', 'last'];
  return [head, ['---', '--:', '--:', '--:', '--:'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
