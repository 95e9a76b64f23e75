/** What processes hold and use, and what goes wrong. */
import type { Dashboard, Panel } from './panels.ts';
import { perSecond, query } from './queries.ts';

export const connections: Dashboard = {
  name: 'connections',
  title: 'connections',
  panels: [
    {
      title: 'Sessions',
      queries: [query('sum by (instance) (ws_conn_active)', '{{instance}}'), query('sum(ws_conn_active)', 'all')],
    },
    { title: 'Users with a session', queries: [query('sum by (instance) (ws_users_active)', '{{instance}}')] },
    {
      title: 'Reconnects',
      unit: 'ops',
      queries: [query(`sum by (instance) (${perSecond('reconnect_total')})`, '{{instance}}')],
    },
    {
      title: 'Connections without a user yet',
      queries: [query('queue_size{queue="pending_connections"}', '{{instance}}')],
    },
    { title: 'Users who wait for joins', queries: [query('sum by (instance) (users_joining)', '{{instance}}')] },
    {
      title: 'Open connections and files, of the limit',
      unit: 'percentunit',
      limit: 0.8,
      queries: [query('process_open_fds / process_max_fds', '{{job}} {{instance}}')],
    },
    {
      title: 'Gateways that hear of chat-services, and are on the bus',
      queries: [
        query('chat_service_reachable', '{{instance}} hears'),
        query('bus_connected', '{{instance}} is connected'),
      ],
    },
  ],
};

export const errors: Dashboard = {
  name: 'errors',
  title: 'errors',
  panels: [
    {
      title: 'Alerts',
      queries: [
        query('sum by (alertname, severity) (ALERTS{alertstate="firing"}) or vector(0)', '{{alertname}} {{severity}}'),
      ],
    },
    {
      title: 'Dependencies that answer',
      queries: [query('min by (job, dependency) (dependency_up)', '{{job}}: {{dependency}}')],
    },
    {
      title: 'Sends and requests that failed',
      unit: 'percentunit',
      queries: [query('requests:failed:ratio_rate5m', 'by a fault of the service')],
    },
    {
      title: 'REST requests that failed',
      unit: 'reqps',
      queries: [
        query(
          `sum by (route, status) (${perSecond('http_requests_total{status=~"5.."}')}) or vector(0)`,
          '{{route}} {{status}}',
        ),
      ],
    },
    {
      title: 'Requests of gateways that failed',
      unit: 'reqps',
      queries: [
        query(`sum by (operation, code) (${perSecond('rpc_faults_total')}) or vector(0)`, '{{operation}} {{code}}'),
      ],
    },
    {
      title: 'Commands to Redis',
      unit: 'ops',
      queries: [query(`sum by (result) (${perSecond('redis_commands_total')})`, '{{result}}')],
    },
    {
      title: 'Dependencies, time to answer',
      unit: 's',
      queries: [query('max by (job, dependency) (dependency_seconds)', '{{job}}: {{dependency}}')],
    },
    {
      title: 'Answers that nobody reads',
      unit: 'bytes',
      queries: [
        query('sum by (instance) (http_unsent_bytes)', '{{instance}}'),
        query(`sum(${perSecond('http_unread_cut_total')})`, 'connections cut, a second'),
      ],
    },
  ],
};

const usage = (title: string, metric: string, unit: Panel['unit']): Panel => ({
  title,
  ...(unit && { unit }),
  queries: [query(metric, '{{job}} {{instance}}')],
});

export const saturation: Dashboard = {
  name: 'saturation',
  title: 'saturation',
  panels: [
    usage('Processor time, of one core', perSecond('process_cpu_seconds_total'), 'percentunit'),
    { ...usage('Delay of event loops, p99', 'nodejs_eventloop_lag_p99_seconds', 's'), limit: 0.25 },
    usage('Resident memory', 'process_resident_memory_bytes', 'bytes'),
    usage('Heap used', 'nodejs_heap_size_used_bytes', 'bytes'),
    {
      title: 'Queues, of their bound',
      unit: 'percentunit',
      limit: 0.8,
      queries: [query('topk(10, queue_size / queue_max_size)', '{{instance}} {{queue}}')],
    },
    {
      title: 'Caches, of their bound',
      unit: 'percentunit',
      queries: [query('topk(10, cache_size / cache_max_size)', '{{instance}} {{cache}}')],
    },
    {
      title: 'Connections to PostgreSQL',
      queries: [
        query('max(postgres_connections)', 'open'),
        query('max(postgres_max_connections)', 'limit'),
        query('max(postgres_waiting)', 'wait for a lock'),
      ],
    },
    {
      title: 'Oldest transaction',
      unit: 's',
      limit: 300,
      queries: [query('max(postgres_oldest_transaction_seconds)', 'age')],
    },
    { title: 'Size of the database', unit: 'bytes', queries: [query('max(postgres_database_bytes)', 'database')] },
    {
      title: 'Time spent collecting garbage',
      unit: 'percentunit',
      queries: [
        query(`sum by (job, instance) (${perSecond('nodejs_gc_duration_seconds_sum')})`, '{{job}} {{instance}}'),
      ],
    },
  ],
};

export const tenants: Dashboard = {
  name: 'tenants',
  title: 'tenants',
  panels: [
    {
      title: 'Sessions of the largest tenants',
      about: 'Each gateway tells of its twenty largest.',
      queries: [query('topk(20, sum by (tenant) (tenant_sessions))', '{{tenant}}')],
    },
    {
      title: 'Messages of this month',
      about: 'As far as the processes know that the tenants send to: each tells of its twenty largest.',
      queries: [query('topk(20, max by (tenant) (tenant_month_messages))', '{{tenant}}')],
    },
    {
      title: 'Used of the messages of the month',
      unit: 'percentunit',
      limit: 1,
      queries: [query('topk(20, max by (tenant) (tenant_quota_used_ratio))', '{{tenant}}')],
    },
    {
      title: 'Sends refused for limits and quotas',
      unit: 'ops',
      queries: [
        query(
          `sum by (result) (${perSecond('msg_write_total{result=~"rate_limited|quota_exceeded"}')}) or vector(0)`,
          '{{result}}',
        ),
      ],
    },
  ],
};
