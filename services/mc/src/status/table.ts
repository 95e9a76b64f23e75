import { ROLES } from '@messagecore/chat-service/operator';
import { placeOf } from '../output/place.ts';
import { mebibytes } from '../output/sizes.ts';
import { columnsOf } from '../output/table.ts';
import { paintFor } from '../output/paint.ts';
import type { Quantiles, SystemStatus } from './read.ts';

/** The whole system on one screen, 80 columns wide. */
export function formatStatus(status: SystemStatus, paint = paintFor()): string {
  const { processes, jobs, postgres, consumers, changed } = status;
  const rows = processes.map(({ service, url, state, version, protocol, connections, memoryBytes, roles }) => [
    service,
    placeOf(url),
    paint(state === 'ready' ? 'green' : 'red', state),
    version === null ? '-' : `${version} / ${protocol}`,
    size(memoryBytes),
    connections === null
      ? roles.length === ROLES.length
        ? 'all roles'
        : roles.join(',')
      : `${number(connections)} sessions`,
  ]);
  const lag = Object.entries(consumers).map(([name, count]) => `${name} ${number(count)}`);
  const figures = [
    ['sessions', `${number(status.connections)} of ${number(status.users)} users`],
    ['sends/s', `${number(status.sendsPerSecond)}, deliveries/s ${number(status.deliveriesPerSecond)}`],
    ['commits', quantiles(status.commitMs)],
    ['deliveries', quantiles(status.deliveryMs)],
    ['outbox', `${number(status.outbox)} waiting`],
    ['consumers', lag.length === 0 ? 'none' : `behind by: ${lag.join(', ')}`],
    ['jobs', `${number(jobs.ready)} due, ${number(jobs.dead)} dead, oldest late by ${number(jobs.lateSeconds)} s`],
    ...changed.map(({ setting, value, processes: count }, n) => [
      n === 0 ? 'changed' : '',
      `${setting}=${value} (${count} of ${processes.length})`,
    ]),
    ['PostgreSQL', `${number(postgres.connections)} of ${number(postgres.most)} connections, ${size(postgres.bytes)}`],
  ];
  const head = ['process', 'address', 'state', 'release', 'memory', ''];
  return `${columnsOf([head.map((text) => paint('bold', text)), ...rows])}\n\n${columnsOf(figures)}`;
}

const quantiles = ({ p50, p99 }: Quantiles) => `p50 ≤ ${ms(p50)}, p99 ≤ ${ms(p99)}`;
const ms = (value: number | null) =>
  value === null ? '-' : value === Infinity ? '∞' : `${Math.round(value * 10) / 10} ms`;
const number = (value: number | null) => (value === null ? '-' : Math.round(value).toLocaleString('en'));
const size = (bytes: number | null) => (bytes === null ? '-' : mebibytes(bytes));
