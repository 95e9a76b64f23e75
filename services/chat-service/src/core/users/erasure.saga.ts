/** Raw SQL: so many rows at most of those that name a user. */
import type { Actor } from '../identity/caller.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { rowsOfUser, type UserData } from './user-data.ts';

/** Rows in one transaction. */
const PIECE = 1_000;

/** What is left of an erased user goes, in pieces: a step for each part of the product that keeps something. */
export function erasureOf(parts: readonly UserData[]): SagaKind<Actor> {
  return {
    kind: 'erase user',
    steps: [blocks, ...parts].map(({ name, erase }) => ({
      name,
      async run(tx, user) {
        const progress = await erase(tx, user, PIECE);
        return { state: user, progress, done: progress < PIECE };
      },
    })),
  };
}

/** The user's own, and those of others that name the user. */
const blocks = rowsOfUser(
  'blocks',
  (tx, { uid }, most) => tx`
    delete from user_blocks where ctid = any(array(
      select ctid from user_blocks where user_id = ${uid} or blocked_id = ${uid} limit ${most}
    ))`,
);
