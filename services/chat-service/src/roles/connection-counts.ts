/** How many connections to PostgreSQL a process takes. */
import { connectionsOfStore } from '../platform/database/connect.ts';

/** Jobs at the same time in a process; each holds a connection. */
export const JOBS_AT_ONCE = 4;
/** A claim of jobs, the schedules, and the consumers' batches beside the jobs. */
export const BACKGROUND_CONNECTIONS = JOBS_AT_ONCE + 3;

/** Of a process with all roles at its busiest. */
export function connectionsOfProcess(poolSize?: number): number {
  return connectionsOfStore(poolSize) + BACKGROUND_CONNECTIONS;
}
