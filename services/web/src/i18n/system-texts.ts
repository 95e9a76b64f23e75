/** What the service says of a conversation (SYS-1), in words. `who` is whoever did it. */
type Role = 'owner' | 'admin' | 'member';

export interface SystemTexts {
  readonly theService: string;
  readonly addedEvent: (who: string, names: string) => string;
  readonly removedEvent: (who: string, names: string) => string;
  readonly bannedEvent: (who: string, names: string) => string;
  readonly roleEvent: (who: string, names: string, role: Role) => string;
  readonly mutedEvent: (who: string, names: string) => string;
  readonly unmutedEvent: (who: string, names: string) => string;
  readonly archivedEvent: (who: string) => string;
  readonly unarchivedEvent: (who: string) => string;
  readonly renamedEvent: (who: string, name: string) => string;
  readonly topicEvent: (who: string, topic: string) => string;
  readonly historyEvent: (who: string) => string;
  readonly postingEvent: (who: string) => string;
  readonly listenersEvent: (who: string) => string;
  readonly changedEvent: (who: string) => string;
}

export const en: SystemTexts = {
  theService: 'The back end',
  addedEvent: (who, names) => `${who} added ${names}`,
  removedEvent: (who, names) => `${who} removed ${names}`,
  bannedEvent: (who, names) => `${who} banned ${names}`,
  roleEvent: (who, names, role) =>
    `${who} made ${names} ${{ owner: 'the owner', admin: 'admin', member: 'member' }[role]}`,
  mutedEvent: (who, names) => `${who} muted ${names}`,
  unmutedEvent: (who, names) => `${who} ended the mute of ${names}`,
  archivedEvent: (who) => `${who} archived the conversation`,
  unarchivedEvent: (who) => `${who} brought the conversation back`,
  renamedEvent: (who, name) => `${who} renamed the conversation to “${name}”`,
  topicEvent: (who, topic) => `${who} set the topic: ${topic}`,
  historyEvent: (who) => `${who} changed what newcomers see`,
  postingEvent: (who) => `${who} changed who posts here, and how often`,
  listenersEvent: (who) => `${who} changed whether others may read along`,
  changedEvent: (who) => `${who} changed the conversation`,
};

export const zh: SystemTexts = {
  theService: '后台',
  addedEvent: (who, names) => `${who}添加了${names}`,
  removedEvent: (who, names) => `${who}移除了${names}`,
  bannedEvent: (who, names) => `${who}封禁了${names}`,
  roleEvent: (who, names, role) => `${who}将${names}设为${{ owner: '所有者', admin: '管理员', member: '成员' }[role]}`,
  mutedEvent: (who, names) => `${who}将${names}禁言`,
  unmutedEvent: (who, names) => `${who}解除了${names}的禁言`,
  archivedEvent: (who) => `${who}归档了会话`,
  unarchivedEvent: (who) => `${who}恢复了会话`,
  renamedEvent: (who, name) => `${who}将会话改名为“${name}”`,
  topicEvent: (who, topic) => `${who}设置了主题：${topic}`,
  historyEvent: (who) => `${who}更改了新成员可见的历史`,
  postingEvent: (who) => `${who}更改了发言权限`,
  listenersEvent: (who) => `${who}更改了旁听设置`,
  changedEvent: (who) => `${who}更改了会话`,
};
