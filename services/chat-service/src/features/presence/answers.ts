import type { Signals } from '../../core/outbox/signals.ts';
import type { Answer } from '../../platform/rpc/batch.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { readShown, type ShownDeps } from './shown.ts';

export interface PresentDeps {
  readonly store: Pick<PresenceStore, 'report'>;
  readonly signals: Pick<Signals, 'presence'>;
}

/** Notes who is at gateways, and has those who watch them hear of who has changed. */
export function answerPresent({ store, signals }: PresentDeps): Answer<'present'> {
  return (reports) =>
    Promise.all(
      reports.map(async ({ tid, ...report }) => {
        const tell = (users: readonly string[]) => signals.presence(tid, users);
        try {
          await store.report(tid, report, tell);
        } catch (error) {
          // Redis may have noted it all the same: who has changed is not known.
          tell([...report.active, ...report.away]);
          throw error;
        }
        return {};
      }),
    );
}

export function answerPresence(deps: ShownDeps): Answer<'presence'> {
  return async (questions) =>
    (await readShown(deps, questions)).map((users) => ({
      users: users.map(
        ({ userId, state, lastSeen }) => [userId, state, lastSeen] as [string, typeof state, typeof lastSeen],
      ),
    }));
}
