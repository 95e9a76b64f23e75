/** The features of the product, a line each. The product starts without any of them. */
import type { ConsumerKind } from '../platform/consumers/consumer.ts';
import type { Sql } from '../platform/database/connect.ts';
import type { App } from '../platform/http/app-type.ts';
import type { JobKind } from '../platform/jobs/job-runner.ts';
import type { Schedule } from '../platform/jobs/schedules.ts';
import type { BoundOperation } from '../platform/operations/carry-out.ts';
import type { AnySaga } from '../platform/sagas/saga.ts';

/** What a feature is built with. */
export interface FeatureDeps {
  /** For requests. */
  readonly sql: Sql;
  /** For consumers and jobs: they never take the connections of requests. */
  readonly background: Sql;
}

/** What a feature brings; roles use what concerns them. */
export interface Feature {
  /** Defined in the protocol. */
  readonly operations?: readonly BoundOperation[];
  /** What is no operation of the protocol. */
  routes?(app: App): void;
  readonly consumers?: readonly ConsumerKind[];
  readonly jobs?: readonly JobKind[];
  readonly schedules?: readonly Schedule[];
  readonly sagas?: readonly AnySaga[];
}

type CreateFeature = (deps: FeatureDeps) => Feature;

const FEATURES: readonly (() => Promise<CreateFeature>)[] = [
  async () => (await import('../features/usage/feature.ts')).createUsage,
];

export function createFeatures(deps: FeatureDeps): Promise<readonly Feature[]> {
  return Promise.all(FEATURES.map(async (load) => (await load())(deps)));
}
