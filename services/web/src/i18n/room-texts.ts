/** Texts of conversations beside their messages: who takes part, ways in, settings, and finding new ones. */
type Role = 'owner' | 'admin' | 'member';

export interface RoomTexts {
  readonly aboutConversation: string;
  readonly members: string;
  readonly roles: Readonly<Record<Role, string>>;
  readonly muted: string;
  readonly actionsOf: (name: string) => string;
  readonly makeAdmin: string;
  readonly makeMember: string;
  readonly handOver: string;
  readonly handOverAsk: (name: string) => string;
  readonly mute: string;
  readonly unmute: string;
  readonly remove: string;
  readonly removeAsk: (name: string) => string;
  readonly ban: string;
  readonly banAsk: (name: string) => string;
  readonly block: string;
  readonly blockAsk: (name: string) => string;
  readonly addPeople: string;
  readonly searchPeople: string;
  readonly peopleFound: string;
  readonly nobodyFound: string;
  readonly add: string;
  readonly addOne: (name: string) => string;
  readonly leaveOut: (name: string) => string;
  readonly invite: string;
  readonly inviteOne: (name: string) => string;
  readonly waysIn: string;
  readonly links: string;
  readonly noLinks: string;
  readonly makeLink: string;
  readonly copy: string;
  readonly linkOnce: string;
  readonly linkState: (uses: number, until: string) => string;
  readonly linkRefused: string;
  readonly revoke: string;
  readonly openInvitations: string;
  readonly nobodyInvited: string;
  readonly takeBack: string;
  readonly requests: string;
  readonly noRequests: string;
  readonly letIn: string;
  readonly refuse: string;
  readonly backEnd: string;
  readonly settings: string;
  readonly forMe: string;
  readonly forAll: string;
  readonly pinned: string;
  readonly silent: string;
  readonly level: string;
  readonly levels: Readonly<Record<'all' | 'mentions' | 'none', string>>;
  readonly roomName: string;
  readonly topic: string;
  readonly readOnly: string;
  readonly openToListeners: string;
  readonly slowMode: string;
  readonly seconds: (count: number) => string;
  readonly archived: string;
  readonly leave: string;
  readonly leaveAsk: string;
  readonly deleteRoom: string;
  readonly deleteRoomAsk: string;
  readonly save: string;
  readonly newConversation: string;
  readonly person: string;
  readonly talk: string;
  readonly talkTo: (name: string) => string;
  readonly channels: string;
  readonly searchChannels: string;
  readonly noChannels: string;
  readonly join: string;
  readonly joinOne: (name: string) => string;
  readonly listen: string;
  readonly listenToOne: (name: string) => string;
  readonly listening: string;
  readonly listeningHint: string;
  readonly stopListening: string;
  readonly open: string;
  readonly openOne: (name: string) => string;
  readonly create: string;
  readonly kind: string;
  readonly kinds: Readonly<Record<'group' | 'private' | 'public', string>>;
  readonly address: string;
  readonly copyAddress: string;
  readonly addressHint: string;
  readonly oneConversation: string;
  readonly ask: string;
  readonly askHint: string;
  readonly askMessage: string;
  readonly asked: string;
  readonly banned: string;
  readonly nobodyBanned: string;
  readonly bannedUntil: (date: string) => string;
  readonly liftBan: string;
  readonly liftBanOf: (name: string) => string;
  readonly invitation: string;
  readonly invitations: string;
  readonly invitedTo: (by: string, name: string) => string;
  readonly invitedBy: (name: string) => string;
  readonly accept: string;
  readonly acceptOne: (name: string) => string;
  readonly decline: string;
  readonly declineOne: (name: string) => string;
}

export const en: RoomTexts = {
  aboutConversation: 'About this conversation',
  members: 'Members',
  roles: { owner: 'Owner', admin: 'Admin', member: 'Member' },
  muted: 'muted',
  actionsOf: (name) => `What to do about ${name}`,
  makeAdmin: 'Make admin',
  makeMember: 'Make member',
  handOver: 'Hand over ownership',
  handOverAsk: (name) => `Make ${name} the owner in your place?`,
  mute: 'Mute for an hour',
  unmute: 'Unmute',
  remove: 'Remove',
  removeAsk: (name) => `Remove ${name}?`,
  ban: 'Ban',
  banAsk: (name) => `Remove ${name} for good?`,
  block: 'Block',
  blockAsk: (name) => `Block ${name}? Neither of you can write to the other alone.`,
  addPeople: 'Add people',
  searchPeople: 'Search people',
  peopleFound: 'People',
  nobodyFound: 'Nobody found',
  add: 'Add',
  addOne: (name) => `Add ${name}`,
  leaveOut: (name) => `Leave ${name} out`,
  invite: 'Invite',
  inviteOne: (name) => `Invite ${name}`,
  waysIn: 'Ways in',
  links: 'Links',
  noLinks: 'There are no links',
  makeLink: 'Make a link',
  copy: 'Copy',
  linkOnce: 'Whoever has it may join. It is shown only now.',
  linkState: (uses, until) => `used ${uses === 1 ? 'once' : `${uses} times`} · until ${until}`,
  linkRefused: 'This link leads nowhere: it has expired, was used up or revoked.',
  revoke: 'Revoke',
  openInvitations: 'Open invitations',
  nobodyInvited: 'Nobody is invited',
  takeBack: 'Take back',
  requests: 'Requests to join',
  noRequests: 'Nobody asks to join',
  letIn: 'Let in',
  refuse: 'Refuse',
  backEnd: 'The administration',
  settings: 'Settings',
  forMe: 'For you',
  forAll: 'For everybody',
  pinned: 'Pinned to the top',
  silent: 'No notifications',
  level: 'Notify of',
  levels: { all: 'All messages', mentions: 'Mentions', none: 'Nothing' },
  roomName: 'Name',
  topic: 'Topic',
  readOnly: 'Only admins write',
  openToListeners: 'Others may read along without joining',
  slowMode: 'Slow mode: between two messages of a member',
  seconds: (count) => (count === 0 ? 'no wait' : count % 60 === 0 ? `${count / 60} min` : `${count} s`),
  archived: 'Archived',
  leave: 'Leave',
  leaveAsk: 'Leave this conversation?',
  deleteRoom: 'Delete',
  deleteRoomAsk: 'Delete this conversation with all its messages, for everybody?',
  save: 'Save',
  newConversation: 'New conversation',
  person: 'Person',
  talk: 'Write',
  talkTo: (name) => `Write to ${name}`,
  channels: 'Channels',
  searchChannels: 'Search channels',
  noChannels: 'No channels found',
  join: 'Join',
  joinOne: (name) => `Join ${name}`,
  listen: 'Read along',
  listenToOne: (name) => `Read along in ${name}`,
  listening: 'You read along',
  listeningHint: 'You read along without taking part.',
  stopListening: 'Stop',
  open: 'Open',
  openOne: (name) => `Open ${name}`,
  create: 'Create',
  kind: 'Kind',
  kinds: { group: 'Group', private: 'Private channel', public: 'Public channel' },
  address: 'Address',
  copyAddress: 'Copy the address',
  addressHint: 'It leads members here. Whoever is none can ask to join with it.',
  oneConversation: 'A conversation',
  ask: 'Ask to join',
  askHint: 'You are no member of this conversation. Its admins decide.',
  askMessage: 'Message to them',
  asked: 'You have asked to join. The conversation appears when they let you in.',
  banned: 'Banned',
  nobodyBanned: 'Nobody is banned',
  bannedUntil: (date) => `until ${date}`,
  liftBan: 'Lift the ban',
  liftBanOf: (name) => `Lift the ban of ${name}`,
  invitation: 'Invitation',
  invitations: 'Invitations',
  invitedTo: (by, name) => `${by} invites you to ${name}`,
  invitedBy: (name) => `from ${name}`,
  accept: 'Accept',
  acceptOne: (name) => `Accept the invitation to ${name}`,
  decline: 'Decline',
  declineOne: (name) => `Decline the invitation to ${name}`,
};

export const zh: RoomTexts = {
  aboutConversation: '关于此会话',
  members: '成员',
  roles: { owner: '群主', admin: '管理员', member: '成员' },
  muted: '已禁言',
  actionsOf: (name) => `对 ${name} 的操作`,
  makeAdmin: '设为管理员',
  makeMember: '设为普通成员',
  handOver: '转让群主',
  handOverAsk: (name) => `要将群主转让给 ${name} 吗？`,
  mute: '禁言一小时',
  unmute: '解除禁言',
  remove: '移出',
  removeAsk: (name) => `要将 ${name} 移出吗？`,
  ban: '封禁',
  banAsk: (name) => `要永久移出 ${name} 吗？`,
  block: '屏蔽',
  blockAsk: (name) => `要屏蔽 ${name} 吗？双方将无法单聊。`,
  addPeople: '添加成员',
  searchPeople: '搜索用户',
  peopleFound: '用户',
  nobodyFound: '没有找到任何人',
  add: '添加',
  addOne: (name) => `添加 ${name}`,
  leaveOut: (name) => `不添加 ${name}`,
  invite: '邀请',
  inviteOne: (name) => `邀请 ${name}`,
  waysIn: '加入方式',
  links: '邀请链接',
  noLinks: '没有邀请链接',
  makeLink: '创建链接',
  copy: '复制',
  linkOnce: '任何持有此链接的人都可加入。链接仅在此时显示。',
  linkState: (uses, until) => `已使用 ${uses} 次 · 有效期至 ${until}`,
  linkRefused: '此链接无效：已过期、已用完或已撤销。',
  revoke: '撤销',
  openInvitations: '待接受的邀请',
  nobodyInvited: '没有待接受的邀请',
  takeBack: '收回',
  requests: '加入申请',
  noRequests: '没有加入申请',
  letIn: '同意',
  refuse: '拒绝',
  backEnd: '管理方',
  settings: '设置',
  forMe: '仅对我',
  forAll: '对所有人',
  pinned: '置顶',
  silent: '消息免打扰',
  level: '通知范围',
  levels: { all: '所有消息', mentions: '仅提及我的', none: '不通知' },
  roomName: '名称',
  topic: '主题',
  readOnly: '仅管理员可发言',
  openToListeners: '其他人无需加入即可旁听',
  slowMode: '慢速模式：成员两条消息的间隔',
  seconds: (count) => (count === 0 ? '无' : count % 60 === 0 ? `${count / 60} 分钟` : `${count} 秒`),
  archived: '已归档',
  leave: '退出',
  leaveAsk: '要退出此会话吗？',
  deleteRoom: '删除',
  deleteRoomAsk: '要为所有人删除此会话及其全部消息吗？',
  save: '保存',
  newConversation: '新建会话',
  person: '用户',
  talk: '发消息',
  talkTo: (name) => `给 ${name} 发消息`,
  channels: '频道',
  searchChannels: '搜索频道',
  noChannels: '没有找到频道',
  join: '加入',
  joinOne: (name) => `加入 ${name}`,
  listen: '旁听',
  listenToOne: (name) => `旁听 ${name}`,
  listening: '正在旁听',
  listeningHint: '你正在旁听，尚未加入。',
  stopListening: '停止旁听',
  open: '打开',
  openOne: (name) => `打开 ${name}`,
  create: '创建',
  kind: '类型',
  kinds: { group: '群组', private: '私有频道', public: '公开频道' },
  address: '地址',
  copyAddress: '复制地址',
  addressHint: '成员可由此打开会话，非成员可由此申请加入。',
  oneConversation: '会话',
  ask: '申请加入',
  askHint: '你不是此会话的成员，由其管理员决定。',
  askMessage: '附言',
  asked: '已提交申请。获准后会话会出现在列表中。',
  banned: '已封禁',
  nobodyBanned: '没有被封禁的人',
  bannedUntil: (date) => `至 ${date}`,
  liftBan: '解除封禁',
  liftBanOf: (name) => `解除对 ${name} 的封禁`,
  invitation: '邀请',
  invitations: '邀请',
  invitedTo: (by, name) => `${by} 邀请你加入 ${name}`,
  invitedBy: (name) => `来自 ${name}`,
  accept: '接受',
  acceptOne: (name) => `接受 ${name} 的邀请`,
  decline: '拒绝',
  declineOne: (name) => `拒绝 ${name} 的邀请`,
};
