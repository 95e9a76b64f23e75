/** A sample of everything that a feature brings: a table, routes, a consumer, a job. */
import type { ConsumerKind } from '../../src/platform/consumers/consumer.ts';
import type { Sql } from '../../src/platform/database/connect.ts';
import type { App } from '../../src/platform/http/app-type.ts';
import type { JobKind } from '../../src/platform/jobs/job-runner.ts';
import { sampleConsumer } from './sample.consumer.ts';
import { sampleJob } from './sample.job.ts';
import { sampleRoutes } from './sample-routes.ts';

export interface SampleDeps {
  readonly sql: Sql;
  readonly background: Sql;
}

export interface Sample {
  routes(app: App): void;
  readonly consumers: readonly ConsumerKind[];
  readonly jobs: readonly JobKind[];
}

export function createSample({ sql, background }: SampleDeps): Sample {
  return { routes: (app) => sampleRoutes(app, sql), consumers: [sampleConsumer(background)], jobs: [sampleJob] };
}
