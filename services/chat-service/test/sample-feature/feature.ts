/** A sample of what a feature brings: a table, routes, an operation, an event, a consumer, a job. */
import type { PublishEvents } from '../../src/core/outbox/emit.ts';
import type { ConsumerKind } from '../../src/platform/consumers/consumer.ts';
import type { Sql } from '../../src/platform/database/connect.ts';
import type { App } from '../../src/platform/http/app-type.ts';
import type { JobKind } from '../../src/platform/jobs/job-runner.ts';
import type { BoundOperation } from '../../src/platform/operations/carry-out.ts';
import { sampleConsumer } from './sample.consumer.ts';
import { sampleJob } from './sample.job.ts';
import { sampleOperations } from './sample-operations.ts';
import { sampleRoutes } from './sample-routes.ts';

export interface SampleDeps {
  readonly sql: Sql;
  readonly background: Sql;
  readonly publishEvents: PublishEvents;
}

export interface Sample {
  routes(app: App): void;
  readonly operations: readonly BoundOperation[];
  readonly consumers: readonly ConsumerKind[];
  readonly jobs: readonly JobKind[];
}

export function createSample({ sql, background, publishEvents }: SampleDeps): Sample {
  return {
    routes: (app) => sampleRoutes(app, sql),
    operations: sampleOperations({ sql, publishEvents }),
    consumers: [sampleConsumer(background)],
    jobs: [sampleJob],
  };
}
