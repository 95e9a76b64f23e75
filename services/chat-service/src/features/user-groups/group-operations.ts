import { userGroupOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { createGroup, deleteGroup, type GroupDeps, renameGroup } from './change-groups.ts';
import { changeMembers } from './change-members.ts';
import { listGroups, listMembers } from './group-queries.ts';

export function bindUserGroups(deps: GroupDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.listUserGroups, (reader, page) => listGroups(deps.sql, reader, page)),
    bindOperation(operations.createUserGroup, (by, group) => createGroup(deps, by, group)),
    bindOperation(operations.renameUserGroup, (by, { groupId, ...group }) => renameGroup(deps, by, groupId, group)),
    bindOperation(operations.deleteUserGroup, (by, { groupId }) => deleteGroup(deps, by, groupId)),
    bindOperation(operations.listGroupMembers, (reader, { groupId, ...page }) =>
      listMembers(deps.sql, reader, groupId, page),
    ),
    bindOperation(operations.changeGroupMembers, (by, { groupId, ...change }) =>
      changeMembers(deps, by, groupId, change),
    ),
  ];
}
