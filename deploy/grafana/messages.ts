/** The way of a message: sent, stored, published, handed out. */
import type { Dashboard } from './panels.ts';
import { perSecond, quantile, quantiles, query } from './queries.ts';

export const delivery: Dashboard = {
  name: 'delivery',
  title: 'delivery',
  panels: [
    {
      title: 'From storing to fan-out',
      about:
        'Each column shows how the deliveries of that moment are spread. Points are examples: they name a conversation.',
      kind: 'heat map',
      queries: [query(`sum by (le) (${perSecond('delivery_seconds_bucket')})`, '{{le}}')],
    },
    {
      title: 'Delivery (SLO-1: p50 150 ms, p99 800 ms)',
      unit: 's',
      limit: 0.8,
      queries: quantiles('delivery_seconds'),
    },
    {
      title: 'Error budget of SLO-1, times its even use',
      about: 'At 1 the budget of a month is used up at its end; at 14.4 within two days, which is paged.',
      limit: 14.4,
      queries: [
        query('delivery:slow:ratio_rate5m / 0.01', '5 minutes'),
        query('delivery:slow:ratio_rate1h / 0.01', '1 hour'),
        query('delivery:slow:ratio_rate6h / 0.01', '6 hours'),
      ],
    },
    {
      title: 'Error budget of SLO-2, times its even use',
      limit: 14.4,
      queries: [
        query('requests:failed:ratio_rate5m / 0.0005', '5 minutes'),
        query('requests:failed:ratio_rate1h / 0.0005', '1 hour'),
        query('requests:failed:ratio_rate6h / 0.0005', '6 hours'),
      ],
    },
    { title: 'Replays of what sessions missed', unit: 's', queries: quantiles('replay_seconds') },
    {
      title: 'Sessions that read slowly',
      queries: [
        query('sum(sessions_lagging)', 'behind now'),
        query(`sum(${perSecond('session_lag_total')})`, 'fall behind, a second'),
      ],
    },
  ],
};

export const writePath: Dashboard = {
  name: 'write-path',
  title: 'write path',
  panels: [
    {
      title: 'Sends by outcome',
      unit: 'ops',
      queries: [query(`sum by (result) (${perSecond('msg_write_total')})`, '{{result}}')],
    },
    {
      title: 'Sends as gateways answered them',
      unit: 'ops',
      queries: [query(`sum by (result) (${perSecond('sends_answered_total')})`, '{{result}}')],
    },
    { title: 'Commit of a batch', unit: 's', limit: 0.5, queries: quantiles('msg_write_commit_seconds') },
    {
      title: 'Sends in a batch',
      queries: [
        query(quantile(0.5, 'msg_write_batch_size'), 'p50'),
        query(quantile(0.99, 'msg_write_batch_size'), 'p99'),
      ],
    },
    {
      title: 'What waits in chat-services',
      queries: [query('sum by (queue) (queue_size{job="chat-service"})', '{{queue}}')],
    },
    {
      title: 'What waits in gateways, bytes',
      unit: 'bytes',
      queries: [query('sum by (queue) (queue_size{job="gateway",queue=~".*_bytes"})', '{{queue}}')],
    },
    {
      title: 'REST requests',
      unit: 'reqps',
      queries: [query(`sum by (status) (${perSecond('http_requests_total')})`, '{{status}}')],
    },
    {
      title: 'REST requests, p99 of the slowest routes',
      unit: 's',
      queries: [
        query(
          `topk(10, ${quantile(0.99, 'http_request_duration_seconds', 'le, method, route')})`,
          '{{method}} {{route}}',
        ),
      ],
    },
  ],
};

export const outbox: Dashboard = {
  name: 'outbox-and-consumers',
  title: 'outbox, stream, consumers, jobs',
  panels: [
    {
      title: 'Committed and not published',
      about: 'Returns to zero within a second or two.',
      queries: [query('max(outbox_pending)', 'messages'), query('max(outbox_events_pending)', 'events')],
    },
    {
      title: 'Publications',
      unit: 'ops',
      queries: [
        query(`sum by (result) (${perSecond('outbox_published_total')})`, 'messages {{result}}'),
        query(`sum by (result) (${perSecond('outbox_events_total')})`, 'events {{result}}'),
      ],
    },
    {
      title: 'The stream',
      unit: 'bytes',
      queries: [
        query('max(stream_bytes)', 'holds'),
        query('min(stream_max_bytes)', 'may hold'),
        query('max(stream_wanted_bytes)', 'should be able to hold'),
      ],
    },
    { title: 'How far the stream reaches back', unit: 's', queries: [query('min(stream_reach_seconds)', 'reach')] },
    { title: 'Lag of consumers', queries: [query('max by (consumer) (bus_consumer_lag)', '{{consumer}}')] },
    {
      title: 'Events of consumers',
      unit: 'ops',
      queries: [
        query(`sum by (consumer, result) (${perSecond('bus_consumer_events_total')})`, '{{consumer}} {{result}}'),
      ],
    },
    {
      title: 'Given up, or paused',
      queries: [
        query('max by (consumer) (consumer_dead_letters)', 'dead letters of {{consumer}}'),
        query('max by (consumer) (consumer_paused)', '{{consumer}} is paused'),
        query('max(jobs_dead)', 'dead jobs'),
      ],
    },
    { title: 'Jobs', queries: [query('max(jobs_ready)', 'ready'), query('max(jobs_late_seconds)', 'seconds late')] },
    {
      title: 'Attempts of jobs',
      unit: 'ops',
      queries: [query(`sum by (kind, result) (${perSecond('job_attempts_total')})`, '{{kind}} {{result}}')],
    },
    {
      title: 'Sagas',
      queries: [
        query('max by (kind, status) (sagas)', '{{kind}} {{status}}'),
        query('max(saga_idle_seconds)', 'seconds without progress'),
      ],
    },
  ],
};

export const fanOut: Dashboard = {
  name: 'fan-out',
  title: 'fan-out',
  panels: [
    {
      title: 'Frames handed to sessions',
      unit: 'ops',
      queries: [query(`sum by (instance) (${perSecond('msg_fanout_total')})`, '{{instance}}')],
    },
    {
      title: 'Readers of a message',
      about: 'Frames handed out for each message stored.',
      queries: [
        query(
          `sum(${perSecond('msg_fanout_total')}) / sum(${perSecond('msg_write_total{result="stored"}')})`,
          'readers',
        ),
      ],
    },
    {
      title: 'Conversations held, users and tenants listened to',
      queries: [query('sum(rooms_held)', 'conversations'), query('sum(accounts_heard)', 'users and tenants')],
    },
    {
      title: 'Recent messages in memory, of what may be kept',
      unit: 'percentunit',
      queries: [query('cache_size{cache="windows_bytes"} / cache_max_size', '{{instance}}')],
    },
    {
      title: 'News of conversations not joined',
      unit: 'ops',
      queries: [
        query(`sum(${perSecond('inbox_frames_total')})`, 'told'),
        query(`sum(${perSecond('inbox_left_total')})`, 'left to the next comparison'),
        query(`sum(${perSecond('inbox_hints_dropped_total')})`, 'dropped'),
      ],
    },
    {
      title: 'News that wait',
      queries: [query('sum(inbox_due)', 'to be told'), query('sum(inbox_held)', 'for sessions to read')],
    },
    { title: 'Users watched', queries: [query('sum(users_watched)', 'watched')] },
    {
      title: 'Frames that could not be encoded',
      queries: [query('sum(increase(frames_unencodable_total[1h]))', 'within an hour')],
    },
  ],
};
