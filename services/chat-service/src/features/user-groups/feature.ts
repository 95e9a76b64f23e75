/** Groups of users that messages mention (MSG-6). */
import type { MergePart } from '../../core/users/merge.saga.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { GroupDeps } from './change-groups.ts';
import { bindUserGroups } from './group-operations.ts';
import { membershipsOfUser } from './member-data.ts';
import { mergeMemberships } from './merge-members.ts';

export interface UserGroupsFeature {
  readonly operations: readonly BoundOperation[];
  readonly userData: readonly UserData[];
  readonly mergeParts: readonly MergePart[];
}

export function createUserGroups(deps: GroupDeps): UserGroupsFeature {
  return { operations: bindUserGroups(deps), userData: [membershipsOfUser], mergeParts: [mergeMemberships] };
}
