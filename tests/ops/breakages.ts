/** What is broken, one thing after the other, and the alerts that must tell of it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STREAM, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import { call, must, newMid, type RawClient } from '@messagecore/testkit';
import postgres from 'postgres';
import type { Place, PlaceOptions } from './place.ts';

export interface Breakage {
  readonly name: string;
  /** What is done. */
  readonly what: string;
  /** Alerts that fire because of it. */
  readonly alerts: readonly string[];
  readonly place?: PlaceOptions;
  /** Goes on, beside, until the place's signal is aborted. */
  readonly break: (place: Place) => Promise<void> | void;
}

const ALL_BUT_JOBS = new Set(['api', 'rpc', 'relay', 'workers'] as const);

export const BREAKAGES: readonly Breakage[] = [
  { name: 'redis', what: 'Redis stops', alerts: ['RedisDown'], break: ({ redis }) => redis.stop() },
  {
    name: 'nats',
    what: 'NATS stops, while messages go on being stored by REST',
    alerts: [
      ...['BusDown', 'ChatServicesUnreachable', 'OutboxNotEmptied', 'RelayStuck'],
      ...['RequestsFailing', 'RequestsFailingForDays'],
    ],
    break: ({ system }) => system.nats.stop(),
  },
  {
    name: 'stream',
    what: 'another stream takes the place of ours',
    alerts: ['StreamUnwell'],
    break: async ({ system }) => {
      const ask = (what: string, body: object | '') =>
        system.bus.request(`$JS.API.STREAM.${what}`, body === '' ? '' : JSON.stringify(body), { timeoutMs: 5_000 });
      await ask(`DELETE.${STREAM}`, '');
      await ask('CREATE.OTHER', { name: 'OTHER', subjects: STREAM_SUBJECTS, retention: 'limits', storage: 'memory' });
    },
  },
  { name: 'postgresql', what: 'PostgreSQL dies', alerts: ['DatabaseDown'], break: (place) => place.postgres.kill() },
  {
    name: 'gateways',
    what: 'the only gateway dies',
    alerts: ['ProcessDown', 'NobodyServes'],
    break: ({ system }) => system.processes.at(-1)?.kill(),
  },
  {
    name: 'roles',
    what: 'no process has the role jobs',
    alerts: ['RoleMissing'],
    place: { chatService: { roles: ALL_BUT_JOBS } },
    break: () => {},
  },
  {
    name: 'slow-gateway',
    what: 'the gateway is stopped for more than a second, again and again',
    alerts: ['EventLoopLate'],
    break: ({ system, signal }) => void stutter(system.processes.at(-1)!.pid, 300, signal),
  },
  {
    name: 'slow-nats',
    what: 'NATS runs for a moment every second alone, while messages go on being stored by REST',
    alerts: ['DeliverySlow', 'DeliverySlowForDays'],
    break: ({ system, signal }) => void stutter(system.nats.pid!, 80, signal),
  },
  {
    name: 'slower-nats',
    what: 'NATS runs for a moment every second alone, and all messages come by REST',
    alerts: ['DeliveryMedianSlow'],
    place: { onlyListening: true },
    break: ({ system, signal }) => void stutter(system.nats.pid!, 80, signal),
  },
  {
    name: 'small-stream',
    what: 'NATS comes back with an empty disk that has room for 64 MiB',
    alerts: ['StreamShort'],
    break: shrinkDisk,
  },
  {
    name: 'long-absence',
    what: 'somebody comes back again and again after missing what takes ten seconds at the rate of a user',
    alerts: ['ReplaysSlow'],
    place: { gateway: { rates: { replayPerUser: { perSecond: 20_000, burst: 20_000 } } } },
    break: (place) => void comeBackAgainAndAgain(place),
  },
  {
    name: 'locks',
    what: 'the rows of all conversations are locked for a second, again and again, by a transaction of somebody else',
    alerts: ['WritesSlow'],
    break: (place) => void lockAgainAndAgain(place),
  },
  {
    name: 'long-transaction',
    what: 'a transaction is left open (two seconds count as long)',
    alerts: ['TransactionLong'],
    place: { thresholds: [{ alert: 'TransactionLong', from: '> 300', to: '> 2' }] },
    break: (place) => void holdTransaction(place, (tx) => tx`select 1`),
  },
  {
    name: 'consumer',
    what: 'a lock holds up a consumer (150 events count as many)',
    alerts: ['ConsumerLagging'],
    place: { thresholds: [{ alert: 'ConsumerLagging', from: '> 1000', to: '> 150' }] },
    break: (place) => void holdTransaction(place, (tx) => tx`lock table usage_marks in access exclusive mode`),
  },
  {
    name: 'paused',
    what: 'an operator pauses a consumer',
    alerts: ['ConsumerPaused'],
    break: async ({ system, room }) => {
      const headers = { 'x-admin-key': room.tenant.adminKey };
      await must('POST', `${system.api}/admin/v1/consumers/usage/pause`, { headers });
    },
  },
  {
    name: 'table',
    what: 'a table is taken away, and asked for',
    alerts: ['InternalErrors'],
    break: (place) => void loseTable(place),
  },
  {
    name: 'remains',
    what: 'what failures leave behind is written down: a dead letter, a dead job, a failed saga',
    alerts: ['DeadLetters', 'JobsDead', 'SagaStuck'],
    break: ({ sql, room }) => leaveRemains(sql, room.tid),
  },
  {
    name: 'late-jobs',
    what: 'a job is ready of which no process knows the kind',
    alerts: ['JobsLate'],
    break: async ({ sql, room }) => {
      await sql`
        insert into jobs (tenant_id, kind, payload, ready, run_at)
        values (${room.tid}, 'unknown', '{}', true, now() - interval '5 min')`;
    },
  },
  {
    name: 'quota',
    what: 'a tenant uses up the messages of its month',
    alerts: ['TenantNearQuota'],
    break: async ({ system, room }) => {
      const headers = { 'x-admin-key': room.tenant.adminKey };
      const body = { limits: { messages: 10 } };
      await must('PATCH', `${system.api}/admin/v1/tenants/${room.tid}`, { headers, body });
    },
  },
  {
    name: 'unauthenticated',
    what: 'connections are opened, and nobody signs in',
    alerts: ['QueueNearlyFull'],
    place: { gateway: { maxPending: 10, maxPendingPerIp: 10 } },
    break: (place) => void dialAgainAndAgain(place, 10),
  },
  {
    name: 'connections',
    what: 'more connections are opened than the process is to have (a hundred count as the limit)',
    alerts: ['ConnectionsNearLimit'],
    place: { thresholds: [{ alert: 'ConnectionsNearLimit', from: '> 0.8', to: '> 80 / process_max_fds' }] },
    break: (place) => void dialAgainAndAgain(place, 100),
  },
  {
    name: 'database-connections',
    what: 'somebody opens most of the connections that PostgreSQL takes',
    alerts: ['DatabaseConnectionsNearLimit'],
    break: openManyConnections,
  },
];

/** Lets the process run for a moment now and then. */
async function stutter(pid: number, runMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    process.kill(pid, 'SIGSTOP');
    await sleep(1_200);
    process.kill(pid, 'SIGCONT');
    await sleep(runMs);
  }
}

async function shrinkDisk({ system }: Place): Promise<void> {
  const { nats } = system;
  await nats.stop();
  await nats.wipeStore();
  const file = join(nats.dataDir, 'nats.conf');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/store_dir: ("[^"]*")/, 'store_dir: $1, max_file_store: 67108864'));
  await nats.restart();
}

const MISSED = { messages: 20, characters: 10_000 };

/** A user of its own: what it may read in a second is not shared with those who talk. */
async function comeBackAgainAndAgain({ system, room, signal }: Place): Promise<void> {
  const { tenant } = room;
  const [cay, dan] = [await tenant.user('cay'), await tenant.user('dan')];
  const cid = await tenant.channel(cay, dan);
  const send = async (text: string) => {
    const body = { mid: newMid(), kind: 'text', body: { text } };
    const url = `${system.api}/v1/conversations/${cid}/messages`;
    return (await must<{ seq: number }>('POST', url, { headers: dan.auth, body })).seq;
  };
  for (let n = 0; n < MISSED.messages; n += 1) await send('x'.repeat(MISSED.characters));
  while (!signal.aborted) {
    try {
      const client = await system.connect(cay);
      client.sendFrame({ t: 'join', cid, since: 0 });
      await client.record.next('message', { cid });
      // It comes when the rate allows more, as the last that is missed; a moment later nothing is.
      await client.record.next('message', { cid, seq: await send('live') });
      await sleep(1_000);
      client.cut();
    } catch {
      // The place is left.
      await sleep(100);
    }
  }
}

async function lockAgainAndAgain({ sql, signal }: Place): Promise<void> {
  while (!signal.aborted) {
    await sql
      .begin(async (tx) => {
        await tx`select from conversations for update`;
        await sleep(1_000);
      })
      .catch(() => {});
    await sleep(100);
  }
}

async function holdTransaction(
  { sql, signal }: Place,
  begin: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<void> {
  await sql
    .begin(async (tx) => {
      await begin(tx);
      while (!signal.aborted) await sleep(100);
    })
    .catch(() => {});
}

async function loseTable({ system, room, sql, signal }: Place): Promise<void> {
  await sql`alter table bookmarks rename to lost_bookmarks`;
  while (!signal.aborted) {
    await call('GET', `${system.api}/v1/bookmarks`, { headers: room.users.ann.auth }).catch(() => {});
    await sleep(100);
  }
}

async function leaveRemains(sql: postgres.Sql, tid: string): Promise<void> {
  await sql`
    insert into consumer_dead_letters (consumer, subject, payload, attempts, error)
    values ('usage', 'a.subject', '', 5, 'could not be handled')`;
  await sql`insert into jobs (tenant_id, kind, payload, dead) values (${tid}, 'unknown', '{}', true)`;
  await sql`
    insert into sagas (id, tenant_id, kind, subject, status, state)
    values (gen_random_uuid(), ${tid}, 'erase_user', 'somebody', 'failed', '{}')`;
}

/** Keeps so many connections open that say nothing; the service closes each after a while. */
async function dialAgainAndAgain({ system, signal }: Place, count: number): Promise<void> {
  const open = new Set<RawClient>();
  while (!signal.aborted) {
    for (const client of open) if (client.socket.readyState > client.socket.OPEN) open.delete(client);
    while (open.size < count) {
      const client = system.dial();
      client.opened().catch(() => {});
      open.add(client);
    }
    await sleep(200);
  }
}

async function openManyConnections({ sql, signal }: Place): Promise<void> {
  const [row] = await sql<{ limit: number }[]>`select current_setting('max_connections')::int as limit`;
  const { host, port, user, pass, database } = sql.options;
  const many = postgres({
    ...{ host: host[0]!, port: port[0]!, username: user, database, max: Math.ceil((row?.limit ?? 100) * 0.85) },
    ...(pass !== null && { password: pass }),
    onnotice: () => {},
  });
  signal.addEventListener('abort', () => void many.end({ timeout: 1 }));
  for (let n = 0; n < many.options.max; n += 1) void many`select pg_sleep(600)`.catch(() => {});
}
