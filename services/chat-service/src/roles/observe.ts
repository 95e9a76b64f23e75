/** What each scrape tells of a process as a whole: its roles, its faults, and, of what all processes share, the database and background work. */
import type { Logger, Metrics } from '@messagecore/runtime';
import type { Sql } from '../platform/database/connect.ts';
import { databaseState } from '../platform/database/database-state.ts';
import { consumerStates } from '../platform/consumers/consumer-states.ts';
import type { FaultLog } from '../platform/rpc/batch.ts';
import { sagaStates } from '../platform/sagas/saga-states.ts';
import type { Role } from './roles.ts';

/** Counts requests of gateways that failed by a fault of the service; REST has its statuses. */
export function createFaultLog(log: Logger, metrics: Metrics): FaultLog {
  const faults = metrics.counter('rpc_faults_total', 'Requests of gateways that failed by a fault of the service', [
    ...(['operation', 'code'] as const),
  ]);
  return { log, onFault: (operation, code) => faults.inc({ operation, code }) };
}

export function observeRoles(metrics: Metrics, roles: ReadonlySet<Role>): void {
  metrics.gauge('process_role', '1 for each role that this process has', {
    labels: ['role'],
    collect(gauge) {
      for (const role of roles) gauge.set({ role }, 1);
    },
  });
}

/** For one role alone, so that not every process asks the same. */
export function observeDatabase(metrics: Metrics, sql: Sql): void {
  const state = shared(() => databaseState(sql));
  const gauge = (name: string, help: string, read: (of: Awaited<ReturnType<typeof state>>) => number) =>
    metrics.gauge(name, help, { collect: async (self) => self.set(read(await state())) });
  gauge('postgres_connections', 'Connections to the server, of whomever', ({ connections }) => connections);
  gauge('postgres_max_connections', 'Connections that it takes', ({ maxConnections }) => maxConnections);
  gauge('postgres_oldest_transaction_seconds', 'Age of the oldest transaction', ({ oldestSeconds }) => oldestSeconds);
  gauge('postgres_waiting', 'Sessions that wait for a lock', ({ waiting }) => waiting);
  gauge('postgres_database_bytes', 'Size of the database', ({ bytes }) => bytes);
}

/** The same of consumers and sagas. */
export function observeBackground(metrics: Metrics, sql: Sql): void {
  const consumers = shared(() => consumerStates(sql));
  const sagas = shared(() => sagaStates(sql));
  metrics.gauge('consumer_dead_letters', 'Events that a consumer failed to handle in all its attempts', {
    labels: ['consumer'],
    async collect(gauge) {
      for (const { name: consumer, deadLetters } of await consumers()) gauge.set({ consumer }, deadLetters);
    },
  });
  metrics.gauge('consumer_paused', '1 while an operator has a consumer paused', {
    labels: ['consumer'],
    async collect(gauge) {
      for (const { name: consumer, paused } of await consumers()) gauge.set({ consumer }, paused ? 1 : 0);
    },
  });
  metrics.gauge('sagas', 'Sagas of the last month that have not ended well, by kind', {
    labels: ['kind', 'status'],
    async collect(gauge) {
      const found = await sagas();
      gauge.reset();
      for (const { kind, status, count } of found) gauge.set({ kind, status }, count);
    },
  });
  metrics.gauge('saga_idle_seconds', 'For how long the slowest saga under way has not got on', {
    collect: async (gauge) => gauge.set(Math.max(0, ...(await sagas()).map(({ idleSeconds }) => idleSeconds))),
  });
}

/** Gauges that are collected at the same time share one answer. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => (underWay ??= read().finally(() => (underWay = undefined)));
}
