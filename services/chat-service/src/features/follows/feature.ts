/** Follows: who follows whom, in lists and counted (ACC-7). */
import type { OnBlock } from '../../core/conversations/block-user.ts';
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindFollows } from './follow-operations.ts';
import { followData } from './follow-data.ts';
import { mergeFollows } from './merge-follows.ts';
import { deleteFollows } from './write-follows.ts';

export interface Follows {
  readonly operations: readonly BoundOperation[];
  readonly onBlock: OnBlock;
  readonly userData: readonly UserData[];
  readonly mergeParts: readonly MergePart[];
}

export function createFollows({ sql }: { readonly sql: Sql }): Follows {
  return { operations: bindFollows(sql), onBlock: endFollows, userData: [followData], mergeParts: [mergeFollows] };
}

/** In both directions. */
const endFollows: OnBlock = async (tx, { uid }, blocked) => {
  const both = [
    { uid, followed: blocked },
    { uid: blocked, followed: uid },
  ];
  await deleteFollows(tx, both);
};
