/** Texts of whom messages mention, and of who is there. */
export interface PeopleTexts {
  readonly mentionWhom: string;
  readonly mentionAll: string;
  readonly mentionHere: string;
  readonly mentionGroup: string;
  readonly mentionsYou: (count: number) => string;
  readonly myMentions: string;
  readonly noMentions: string;
  readonly unreadMention: string;
  readonly showInChannel: string;
  readonly repliedInThread: string;
  readonly presence: Readonly<Record<'online' | 'away' | 'busy', string>>;
  readonly lastSeenAt: (date: string) => string;
  readonly ownPresence: string;
  readonly presenceChoices: Readonly<Record<'online' | 'away' | 'busy' | 'invisible', string>>;
  readonly showsLastSeen: string;
}

export const en: PeopleTexts = {
  mentionWhom: 'Whom to mention',
  mentionAll: 'everybody in this conversation',
  mentionHere: 'everybody who is there',
  mentionGroup: 'group',
  mentionsYou: (count) => (count === 1 ? '1 mentions you' : `${count} mention you`),
  myMentions: 'My mentions',
  noMentions: 'Nobody has mentioned you yet.',
  unreadMention: 'unread',
  showInChannel: 'Show in the conversation, too',
  repliedInThread: 'Replied in a thread',
  presence: { online: 'online', away: 'away', busy: 'busy' },
  lastSeenAt: (date) => `last seen ${date}`,
  ownPresence: 'What others see of me',
  presenceChoices: { online: 'Whether I am there', away: 'Away', busy: 'Busy', invisible: 'Nothing (invisible)' },
  showsLastSeen: 'Show when I was last seen',
};

export const zh: PeopleTexts = {
  mentionWhom: '提及谁',
  mentionAll: '此会话的所有人',
  mentionHere: '在线的所有人',
  mentionGroup: '用户组',
  mentionsYou: (count) => `${count} 条提及你`,
  myMentions: '提及我的',
  noMentions: '还没有人提及你。',
  unreadMention: '未读',
  showInChannel: '同时显示在会话中',
  repliedInThread: '在话题中回复',
  presence: { online: '在线', away: '离开', busy: '忙碌' },
  lastSeenAt: (date) => `最后在线 ${date}`,
  ownPresence: '对他人显示为',
  presenceChoices: { online: '是否在线', away: '离开', busy: '忙碌', invisible: '隐身' },
  showsLastSeen: '显示我的最后在线时间',
};
