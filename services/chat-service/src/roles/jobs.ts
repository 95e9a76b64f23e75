/** The role `jobs`: jobs, the schedules that enqueue them, and the sagas that are made of them. */
import { startLoop } from '@messagecore/runtime';
import { blocks } from '../core/conversations/merge-blocks.ts';
import { memberships } from '../core/conversations/merge-memberships.ts';
import { restraints } from '../core/conversations/merge-restraints.ts';
import { purgeConversationOf } from '../core/conversations/purge-conversation.ts';
import type { Actor } from '../core/identity/caller.ts';
import { positionData } from '../core/positions/position-data.ts';
import { expireMessages } from '../core/messages/expire-messages.ts';
import { readerData } from '../core/messages/reader-data.ts';
import { createExpiryStarter } from '../core/messages/start-expiries.ts';
import type { Publish } from '../core/outbox/committed.ts';
import type { DeletionState } from '../core/tenants/delete-tenant.saga.ts';
import { erasureOf } from '../core/users/erasure.saga.ts';
import { formerMergeOf, mergeOf, type MergePart, type MergeState } from '../core/users/merge.saga.ts';
import { userChanged } from '../core/users/user-changed.job.ts';
import { reconciliationOf } from '../platform/consumers/reconciliation.ts';
import type { Sql } from '../platform/database/connect.ts';
import { startJobRunner } from '../platform/jobs/job-runner.ts';
import { stateOf } from '../platform/jobs/job-store.ts';
import { enqueueDue, saveSchedules } from '../platform/jobs/schedules.ts';
import { type AnySaga, anySaga, type SagaKind } from '../platform/sagas/saga.ts';
import { sagaJobs } from '../platform/sagas/sagas.ts';
import type { Base } from './base.ts';
import { JOBS_AT_ONCE } from './connection-counts.ts';
import type { Feature } from './features.ts';
import { observeBackground } from './observe.ts';

const LOOK_EVERY_MS = 5_000;
const EXPIRE_EVERY_MS = 1_000;
/** A job that takes longer is begun again by another process. */
const STOP_TIMEOUT_MS = 10_000;

/** Every saga that this service knows, for whoever runs them or shows them. */
export function sagaKinds(features: readonly Feature[], deletion: SagaKind<DeletionState>): readonly AnySaga[] {
  const consumers = features.flatMap((feature) => feature.consumers ?? []);
  const reconciliations = consumers.map((consumer) => anySaga(reconciliationOf(consumer)));
  return [
    ...[
      anySaga(purgeConversationOf(features.flatMap(({ conversationData = [] }) => conversationData))),
      anySaga(erasureOfUsers(features)),
      anySaga(mergeOfUsers(features)),
      anySaga(formerMergeOf(mergePartsOf(features))),
      anySaga(deletion),
    ],
    ...reconciliations,
    ...features.flatMap((feature) => feature.sagas ?? []),
  ];
}

export function mergeOfUsers(features: readonly Feature[]): SagaKind<MergeState> {
  return mergeOf(mergePartsOf(features));
}

/** Blocks and restraints first: a membership is handed over as they leave it. */
function mergePartsOf(features: readonly Feature[]): readonly MergePart[] {
  return [blocks, restraints, memberships, ...features.flatMap(({ mergeParts = [] }) => mergeParts)];
}

/** What core and features keep about a user is erased by one saga. New parts come last: a saga keeps the number of its step. */
export function erasureOfUsers(features: readonly Feature[]): SagaKind<Actor> {
  return erasureOf([positionData, ...features.flatMap(({ userData = [] }) => userData), readerData]);
}

export interface JobsDeps {
  readonly features: readonly Feature[];
  readonly sagas: readonly AnySaga[];
  readonly sql: Sql;
  readonly publish: Publish;
}

export async function startJobs(base: Base, { features, sagas, sql, publish }: JobsDeps): Promise<void> {
  const { config, log, metrics, life } = base;
  await saveSchedules(
    sql,
    features.flatMap(({ schedules = [] }) => schedules),
  );
  observeBackground(metrics, sql);
  const attempts = metrics.counter('job_attempts_total', 'Attempts of jobs', ['kind', 'result']);
  const runner = startJobRunner({
    ...{ sql, log, concurrency: JOBS_AT_ONCE },
    ...(config.jobLeaseMs !== undefined && { leaseMs: config.jobLeaseMs }),
    kinds: [
      sagaJobs(sagas),
      userChanged(features.flatMap(({ onUserChange }) => onUserChange ?? [])),
      ...features.flatMap(({ jobs = [] }) => jobs),
    ],
    onAttempt: (kind, result) => attempts.inc({ kind, result }),
  });
  life.add({ name: 'jobs', stop: () => runner.stop(), stopTimeoutMs: STOP_TIMEOUT_MS });
  startExpiry(base, { sql, publish });
  startReading(base, { sql, publish });
  const look = startLoop({ name: 'schedules', everyMs: LOOK_EVERY_MS, log, step: lookWith(base, sql) });
  life.add({ name: 'schedules', stop: () => look.stop() });
}

/** Recalls messages whose time is over. */
function startExpiry({ log, metrics, life }: Base, changing: Pick<JobsDeps, 'sql' | 'publish'>): void {
  const expired = metrics.counter(
    'messages_expired_total',
    'Messages recalled because their time to live was over',
    [],
  );
  const step = () => expireMessages(changing, (count) => expired.inc({}, count));
  const loop = startLoop({ name: 'expiring messages', everyMs: EXPIRE_EVERY_MS, log, step });
  life.add({ name: 'expiring messages', stop: () => loop.stop(), stopTimeoutMs: STOP_TIMEOUT_MS });
}

/** Begins the time of messages that everybody has read. */
function startReading({ log, life }: Base, changing: Pick<JobsDeps, 'sql' | 'publish'>): void {
  const step = createExpiryStarter(changing);
  const loop = startLoop({ name: 'messages read by all', everyMs: EXPIRE_EVERY_MS, log, step });
  life.add({ name: 'messages read by all', stop: () => loop.stop(), stopTimeoutMs: STOP_TIMEOUT_MS });
}

/** Enqueues what is due, and measures the queue. */
function lookWith({ metrics }: Base, sql: Sql): () => Promise<void> {
  const ready = metrics.gauge('jobs_ready', 'Jobs that are due and wait for a runner');
  const dead = metrics.gauge('jobs_dead', 'Jobs that failed in all their attempts');
  const late = metrics.gauge('jobs_late_seconds', 'For how long the oldest ready job has been due');
  return async () => {
    await enqueueDue(sql);
    const state = await stateOf(sql);
    ready.set(state.ready);
    dead.set(state.dead);
    late.set(state.lateMs / 1_000);
  };
}
