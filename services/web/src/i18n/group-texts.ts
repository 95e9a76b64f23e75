/** Texts of the tenant's groups of users, and of looking after them. */
export interface GroupTexts {
  readonly userGroups: string;
  readonly userGroupsHint: string;
  readonly noUserGroups: string;
  readonly groupName: string;
  readonly createGroup: string;
  readonly groupNameTaken: string;
  readonly groupSize: (members: number, isMine: boolean) => string;
  readonly membersOf: (name: string) => string;
  readonly noGroupMembers: string;
  readonly rename: string;
  readonly renameOne: (name: string) => string;
  readonly addToGroup: (name: string) => string;
  readonly removeFromGroup: (name: string) => string;
  readonly deleteGroup: string;
  readonly deleteOne: (name: string) => string;
  readonly deleteGroupAsk: (name: string) => string;
}

export const en: GroupTexts = {
  userGroups: 'User groups',
  userGroupsHint: 'A message that mentions a group by @ and its name mentions everybody in it who takes part.',
  noUserGroups: 'There are none yet.',
  groupName: 'Name of the group',
  createGroup: 'Create group',
  groupNameTaken: 'Another group has this name.',
  groupSize: (members, isMine) => `${members === 1 ? '1 member' : `${members} members`}${isMine ? ', you too' : ''}`,
  membersOf: (name) => `Members of ${name}`,
  noGroupMembers: 'Nobody is in it yet.',
  rename: 'Rename',
  renameOne: (name) => `Rename ${name}`,
  addToGroup: (name) => `Add people to ${name}`,
  removeFromGroup: (name) => `Remove ${name} from the group`,
  deleteGroup: 'Delete',
  deleteOne: (name) => `Delete ${name}`,
  deleteGroupAsk: (name) => `Delete the group ${name}? Whom it has mentioned stays mentioned.`,
};

export const zh: GroupTexts = {
  userGroups: '用户组',
  userGroupsHint: '在消息中用 @ 加用户组名称，即可提及其中所有参与该会话的成员。',
  noUserGroups: '还没有用户组。',
  groupName: '用户组名称',
  createGroup: '创建用户组',
  groupNameTaken: '已有同名的用户组。',
  groupSize: (members, isMine) => `${members} 名成员${isMine ? '，包括你' : ''}`,
  membersOf: (name) => `${name}的成员`,
  noGroupMembers: '还没有成员。',
  rename: '重命名',
  renameOne: (name) => `重命名${name}`,
  addToGroup: (name) => `添加成员到${name}`,
  removeFromGroup: (name) => `将${name}移出用户组`,
  deleteGroup: '删除',
  deleteOne: (name) => `删除${name}`,
  deleteGroupAsk: (name) => `要删除用户组${name}吗？此前的提及仍会保留。`,
};
