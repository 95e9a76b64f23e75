import type { LineChart } from '../../bench/report/chart.ts';
import { drawChart } from '../../bench/report/report.ts';
import type { Part } from '../report/document.ts';
import { type Plan, planFor } from './plan.ts';
import { HOSTED_FOR_10_000_USERS, USERS_A_CONNECTION } from './prices.ts';

const CONNECTIONS = [1e4, 1e5, 1e6, 1e7];
const RATES = [1e2, 1e3, 1e4, 1e5, 1e6];
const RECEIVERS = [1, 10];

const whole = (value: number) => Math.ceil(value).toLocaleString('en');
const mark = (value: number) => (value < 1e3 ? whole(value) : value < 1e6 ? `${value / 1e3} k` : `${value / 1e6} M`);
const short = (value: number) => (value < 10 ? value.toFixed(1) : whole(value));

/** The part of docs/capacity.md that says what a load needs, with its pictures. */
export function partOfPlan(): Part {
  const text = RECEIVERS.map((receivers) => `**${headOf(receivers)}**\n\n${tableOf(receivers)}`);
  const pictures = RECEIVERS.flatMap((receivers) => [coresChart(receivers), moneyChart(receivers)]);
  const shown = pictures.map(({ name, title }) => `![${title}](images/${name}.svg)`);
  return {
    id: 'plan',
    text: [...text, ...shown].join('\n\n'),
    pictures: pictures.map((chart) => ({ name: chart.name, svg: drawChart(chart) })),
  };
}

const headOf = (receivers: number) =>
  receivers === 1 ? 'Each message to one other' : `Each message to ${receivers} others`;

function tableOf(receivers: number): string {
  const head = [
    'connections | messages/s | gateways | chat-services | primaries | busy cores | GB of connections | machines | $ a month | of it storage | of it traffic | hosted, $ a month',
    '--: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --:',
  ];
  const rows = CONNECTIONS.flatMap((connections) =>
    RATES.map((rate) => rowOf({ connections, rate }, planFor({ connections, rate, receivers }))),
  );
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n');
}

function rowOf({ connections, rate }: { readonly connections: number; readonly rate: number }, plan: Plan): string {
  const hosted = ((connections * USERS_A_CONNECTION) / 10_000) * HOSTED_FOR_10_000_USERS;
  return [
    ...[connections, rate, plan.gateways, plan.chatServices, plan.primaries].map(whole),
    ...[plan.busyCores, plan.connectionBytes / 1e9].map(short),
    ...[plan.nodes, plan.aMonth.all, plan.aMonth.storage, plan.aMonth.egress, hosted].map(whole),
  ].join(' | ');
}

type Read = (plan: Plan) => number;

function chartOf(receivers: number, about: Pick<LineChart, 'name' | 'title' | 'yTitle'>, read: Read): LineChart {
  return {
    ...about,
    kind: 'lines',
    xTitle: 'messages a second',
    yScale: 'log',
    xMarks: RATES.map(mark),
    series: CONNECTIONS.map((connections) => ({
      name: `${whole(connections)} connections`,
      points: RATES.map((rate, x) => [x, read(planFor({ connections, rate, receivers }))] as const),
    })),
  };
}

const coresChart = (receivers: number) =>
  chartOf(
    receivers,
    { name: `plan-cores-${receivers}`, title: `Busy cores, ${headOf(receivers).toLowerCase()}`, yTitle: 'cores' },
    ({ busyCores }) => busyCores,
  );

const moneyChart = (receivers: number) =>
  chartOf(
    receivers,
    {
      name: `plan-money-${receivers}`,
      title: `Thousand dollars a month, ${headOf(receivers).toLowerCase()}`,
      yTitle: '$ 1,000',
    },
    ({ aMonth }) => aMonth.all / 1_000,
  );
