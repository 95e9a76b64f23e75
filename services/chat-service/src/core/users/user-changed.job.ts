import type { Transaction } from '../../platform/database/connect.ts';
import { enqueueAll } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Actor } from '../identity/caller.ts';
import type { OnUserChange } from './extensions.ts';

const KIND = 'user changed';

/** In the transaction that gives the user another role, or lets it in again. */
export function tellOfChange(tx: Transaction, { tid, uid }: Actor): Promise<void> {
  return tellOfChanges(tx, tid, [uid]);
}

/** The same of many users of a tenant. */
export async function tellOfChanges(tx: Transaction, tid: string, uids: readonly string[]): Promise<void> {
  await enqueueAll(
    tx,
    uids.map((uid) => ({ kind: KIND, tid, payload: { uid } })),
  );
}

/** Has the features do what they do for a user who is another one now. */
export function userChanged(changes: readonly OnUserChange[]): JobKind {
  return {
    kind: KIND,
    async run(tx, { tid, payload }) {
      const { uid } = payload as { readonly uid: string };
      for (const change of changes) await change(tx, { tid, uid });
    },
  };
}
