/**
 * A merge of two users. Each part of the product moves what it keeps, a piece a run, and notes what was there before, so
 * that the merge is taken back when it cannot be finished. Until it is done the merged user is deactivated, and named by
 * nobody: its ids name the survivor already.
 */
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import type { SagaKind, SagaStep } from '../../platform/sagas/saga.ts';
import { emit } from '../outbox/emit.ts';
import { profileEvent } from '../outbox/events.ts';
import { forgetMoves, type Merging } from './moves.ts';
import { userProfiles, users } from './tables.ts';
import { tellOfChange } from './user-changed.job.ts';

export interface MergePart {
  /** Of its step, and of its moves. */
  readonly name: string;
  /** Moves one thing, and notes it; false when there is nothing left. */
  readonly move: (tx: Transaction, merging: Merging) => Promise<boolean>;
  /** Takes one move back; false when there is nothing left. */
  readonly moveBack: (tx: Transaction, merging: Merging) => Promise<boolean>;
}

export interface MergeState extends Merging {
  /** Of the merged user before. */
  readonly status: 'active' | 'deactivated';
}

export function mergeOf(parts: readonly MergePart[]): SagaKind<MergeState> {
  return { kind: 'merge users by parts', steps: [begin, ...parts.map(stepOf), end] };
}

/** For merges that a version before has begun: a saga keeps the number of its step, so another list is another kind. */
export function formerMergeOf(parts: readonly MergePart[]): SagaKind<MergeState> {
  const former = FORMER_PARTS.flatMap((name) => parts.filter((part) => part.name === name));
  return { kind: 'merge users', steps: [begin, ...former.map(stepOf), end] };
}

/** In the order of that version. */
const FORMER_PARTS = ['blocks', 'memberships', 'follows'];

function stepOf({ name, move, moveBack }: MergePart): SagaStep<MergeState> {
  const resultOf = (state: MergeState, moved: boolean) => ({ state, done: !moved, progress: moved ? 1 : 0 });
  return {
    name,
    run: async (tx, state) => resultOf(state, await move(tx, state)),
    undo: async (tx, state) => ({ state, done: !(await moveBack(tx, state)) }),
  };
}

/** What the command has done is taken back here, the last of all. */
const begin: SagaStep<MergeState> = {
  name: 'begin',
  run: async (_tx, state) => ({ state, done: true }),
  async undo(tx, state) {
    const { tid, from, status } = state;
    await db(tx).update(users).set({ mergedInto: null, status, updatedAt: now() }).where(eq(users.id, from));
    if (status === 'active') await tellOfChange(tx, { tid, uid: from });
    return { state, done: true };
  },
};

/** The merged user is no more. Its external id stays, to name the survivor. */
const end: SagaStep<MergeState> = {
  name: 'end',
  async run(tx, state) {
    const { tid, from, into } = state;
    const [survivor] = await db(tx)
      .select({ name: users.displayName })
      .from(users)
      .where(and(eq(users.id, into), ne(users.status, 'deleted')));
    if (survivor === undefined) throw new Error('the survivor is not there any more');
    const nobody = { status: 'deleted', displayName: survivor.name, searchName: null, searchOf: null } as const;
    await db(tx)
      .update(users)
      .set({ ...nobody, updatedAt: now() })
      .where(eq(users.id, from));
    await db(tx).delete(userProfiles).where(eq(userProfiles.userId, from));
    await db(tx).update(users).set({ mergedInto: into }).where(eq(users.mergedInto, from));
    await forgetMoves(tx, state);
    await emit(tx, [profileEvent(tid, from)]);
    return { state, done: true };
  },
};
