/** What works behind the requests, as the operator sees it and mends it: consumers, jobs, sagas. */
import {
  ConsumerParams,
  Consumers,
  DeadJob,
  DeadLetter,
  JobQueue,
  RowParams,
  Saga,
  SagaParams,
  SagasQuery,
} from './background.ts';
import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';

const shared = { access: 'operator', cost: 'none', laned: false } as const;
const ofConsumers = { ...shared, tag: 'Consumers' } as const;
const ofJobs = { ...shared, tag: 'Jobs' } as const;
const ofSagas = { ...shared, tag: 'Sagas' } as const;

export const listConsumers = defineOperation({
  ...ofConsumers,
  name: 'consumers.list',
  summary: 'Consumers of the stream, and how far behind they are',
  method: 'GET',
  path: '/admin/v1/consumers',
  result: Consumers,
});

export const pauseConsumer = defineOperation({
  ...ofConsumers,
  name: 'consumers.pause',
  summary: 'Have a consumer take no more events',
  method: 'POST',
  path: '/admin/v1/consumers/:name/pause',
  params: ConsumerParams,
});

export const resumeConsumer = defineOperation({
  ...ofConsumers,
  name: 'consumers.resume',
  summary: 'Have a paused consumer go on where it stood',
  method: 'POST',
  path: '/admin/v1/consumers/:name/resume',
  params: ConsumerParams,
});

export const listDeadLetters = defineOperation({
  ...ofConsumers,
  name: 'deadLetters.list',
  summary: 'Events that a consumer failed to handle in all its attempts, newest first',
  method: 'GET',
  path: '/admin/v1/dead-letters',
  input: PageQuery,
  result: pageOf(DeadLetter),
});

export const replayDeadLetter = defineOperation({
  ...ofConsumers,
  name: 'deadLetters.replay',
  summary: 'Handle a dead letter once more, and delete it; when it fails again (conflict) it stays',
  method: 'POST',
  path: '/admin/v1/dead-letters/:id/replay',
  params: RowParams,
});

export const deleteDeadLetter = defineOperation({
  ...ofConsumers,
  name: 'deadLetters.delete',
  summary: 'Give up a dead letter',
  method: 'DELETE',
  path: '/admin/v1/dead-letters/:id',
  params: RowParams,
});

export const readJobQueue = defineOperation({
  ...ofJobs,
  name: 'jobs.state',
  summary: 'State of the job queue',
  method: 'GET',
  path: '/admin/v1/jobs',
  result: JobQueue,
});

export const listDeadJobs = defineOperation({
  ...ofJobs,
  name: 'jobs.dead',
  summary: 'Jobs that failed in all their attempts, newest first',
  method: 'GET',
  path: '/admin/v1/jobs/dead',
  input: PageQuery,
  result: pageOf(DeadJob),
});

export const replayJob = defineOperation({
  ...ofJobs,
  name: 'jobs.replay',
  summary: 'Try a dead job again',
  method: 'POST',
  path: '/admin/v1/jobs/:id/replay',
  params: RowParams,
});

export const listSagas = defineOperation({
  ...ofSagas,
  name: 'sagas.list',
  summary: 'Work in several steps, newest first, with its progress',
  method: 'GET',
  path: '/admin/v1/sagas',
  input: SagasQuery,
  result: pageOf(Saga),
});

export const getSaga = defineOperation({
  ...ofSagas,
  name: 'sagas.get',
  summary: 'Read a saga',
  method: 'GET',
  path: '/admin/v1/sagas/:id',
  params: SagaParams,
  result: Saga,
});
