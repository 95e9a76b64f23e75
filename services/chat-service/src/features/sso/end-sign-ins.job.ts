/** Raw SQL: the clock, when the lock is held. */
import { z } from 'zod';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueue, PRIORITY } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { SsoPorts } from './ports.ts';

const END_SIGN_INS = 'sso.end sign-ins';
/** Of one run; the rest is for the next one. */
const MOST = 100;

const Ended = z.object({ providerId: z.string(), until: z.coerce.date() });

/** Ends sign-ins by a provider that was switched off or deleted, and their sessions. */
export function endSignIns({ endSignInsBy }: Pick<SsoPorts, 'endSignInsBy'>): JobKind {
  return {
    kind: END_SIGN_INS,
    async run(tx, { tid, payload }) {
      const ended = Ended.parse(payload);
      const count = await endSignInsBy(tx, { tid, ...ended }, MOST);
      if (count === MOST) await enqueue(tx, { kind: END_SIGN_INS, tid, payload: ended, priority: PRIORITY.urgent });
    },
  };
}

/**
 * Those that have begun by now, to the next millisecond, which is what a date of ours can say. The transaction has locked the
 * provider, for which later ones wait.
 */
export async function endLater(tx: Transaction, tid: string, providerId: string): Promise<void> {
  const [clock] = await tx<{ now: Date }[]>`
    select date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' as now`;
  const payload = { providerId, until: clock?.now };
  await enqueue(tx, { kind: END_SIGN_INS, tid, payload, priority: PRIORITY.urgent });
}
