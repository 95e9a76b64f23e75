/**
 * The trial: every two seconds a tick, which starts jobs and a saga. Nothing here is protected against happening twice, so
 * that what does is seen. `npm run faults` kills the processes that run it, and counts.
 */
import type { Transaction } from '../../src/platform/database/connect.ts';
import { enqueue, PLATFORM_TENANT } from '../../src/platform/jobs/enqueue.ts';
import type { JobKind } from '../../src/platform/jobs/job-runner.ts';
import type { Schedule } from '../../src/platform/jobs/schedules.ts';
import { type AnySaga, anySaga, type SagaKind, type StepResult } from '../../src/platform/sagas/saga.ts';
import { startSaga } from '../../src/platform/sagas/sagas.ts';

const TICK = 'trial tick';
const WORK = 'trial work';
const JOBS = 8;
const PIECES = 3;

const schedule: Schedule = { name: TICK, cron: '*/2 * * * * *' };

interface Work {
  readonly tick: string;
  readonly n: number;
}

interface Booking {
  readonly tick: string;
  readonly piece: number;
  /** The last step fails for good. */
  readonly doomed: boolean;
}

const tick: JobKind = {
  kind: TICK,
  async run(tx, { payload }) {
    const { scheduledFor } = payload as { scheduledFor: string };
    await tx`insert into trial_ticks (scheduled_for) values (${scheduledFor})`;
    for (let n = 1; n <= JOBS; n += 1) {
      await enqueue(tx, { kind: WORK, payload: { tick: scheduledFor, n } satisfies Work });
    }
    const doomed = (Date.parse(scheduledFor) / 2_000) % 2 === 0;
    const state: Booking = { tick: scheduledFor, piece: 1, doomed };
    await startSaga(tx, booking, { tid: PLATFORM_TENANT, subject: scheduledFor, state, total: PIECES + 2 });
  },
};

/** Takes a while after its effect, so that it is often killed there. */
const work: JobKind = {
  kind: WORK,
  async run(tx, { payload }) {
    const { tick: of, n } = payload as Work;
    await tx`insert into trial_effects (tick, n) values (${of}, ${n})`;
    await tx`select pg_sleep(${n * 0.04})`;
  },
};

const book = (tx: Transaction, { tick: of }: Booking, piece: number) =>
  tx`insert into trial_bookings (tick, piece) values (${of}, ${piece})`;
const dwell = (tx: Transaction) => tx`select pg_sleep(0.05)`;

const booking: SagaKind<Booking> = {
  kind: 'trial booking',
  maxAttempts: 3,
  steps: [
    {
      name: 'in pieces',
      async run(tx, state): Promise<StepResult<Booking>> {
        const { piece } = state;
        await book(tx, state, piece);
        await dwell(tx);
        return { state: { ...state, piece: piece + 1 }, done: piece === PIECES, progress: 1 };
      },
      async undo(tx, state): Promise<StepResult<Booking>> {
        const piece = state.piece - 1;
        const { count } = await tx`delete from trial_bookings where tick = ${state.tick} and piece = ${piece}`;
        await dwell(tx);
        return { state: { ...state, piece }, done: piece <= 1, progress: -count };
      },
    },
    {
      name: 'at once',
      async run(tx, state): Promise<StepResult<Booking>> {
        await book(tx, state, PIECES + 1);
        return { state, done: true, progress: 1 };
      },
      async undo(tx, state): Promise<StepResult<Booking>> {
        const { count } = await tx`delete from trial_bookings where tick = ${state.tick} and piece = ${PIECES + 1}`;
        return { state, done: true, progress: -count };
      },
    },
    {
      name: 'at last',
      async run(tx, state): Promise<StepResult<Booking>> {
        await book(tx, state, PIECES + 2);
        await dwell(tx);
        if (state.doomed) throw new Error('doomed');
        return { state, done: true, progress: 1 };
      },
    },
  ],
};

export interface Trial {
  readonly schedules: readonly Schedule[];
  readonly jobs: readonly JobKind[];
  readonly sagas: readonly AnySaga[];
}

export function createTrial(): Trial {
  return { schedules: [schedule], jobs: [tick, work], sagas: [anySaga(booking)] };
}
