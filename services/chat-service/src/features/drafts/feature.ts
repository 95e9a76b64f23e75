/** Drafts: what a user has begun to write, on all of the user's devices (CONV-6). */
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindDrafts } from './drafts-operations.ts';
import type { DraftDeps } from './set-draft.ts';
import type { UserData } from '../../core/users/user-data.ts';
import { draftData } from './draft-data.ts';

export interface Drafts {
  readonly operations: readonly BoundOperation[];
  readonly userData: readonly UserData[];
}

export function createDrafts(deps: DraftDeps): Drafts {
  return { operations: bindDrafts(deps), userData: [draftData] };
}
