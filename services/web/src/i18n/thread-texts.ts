/** Texts of threads, and of what one does with a message. */
export interface ThreadTexts {
  readonly actionsOfMessage: string;
  readonly reactWith: (emoji: string) => string;
  /** Of a reaction that is there; `own` where the page knows that it is the person's own. */
  readonly reactions: (emoji: string, count: number, own: boolean) => string;
  readonly reply: string;
  readonly edit: string;
  readonly editText: string;
  readonly cancel: string;
  readonly recall: string;
  readonly recallAsk: string;
  readonly thread: string;
  readonly threadOf: (title: string) => string;
  readonly closeThread: string;
  readonly replies: (count: number) => string;
  readonly lastAt: (time: string) => string;
  readonly lastOn: (day: string) => string;
  readonly unreadReplies: (count: number) => string;
  readonly earlierReplies: string;
  readonly noReplies: string;
  readonly writeReply: string;
  readonly follow: string;
  readonly unfollow: string;
  readonly myThreads: string;
  readonly noThreads: string;
}

export const en: ThreadTexts = {
  actionsOfMessage: 'What to do with this message',
  reactWith: (emoji) => `React with ${emoji}`,
  reactions: (emoji, count, own) => `${emoji} ${count}${own ? ', yours too' : ''}`,
  reply: 'Reply in a thread',
  edit: 'Edit',
  editText: 'Text of the message',
  cancel: 'Cancel',
  recall: 'Withdraw',
  recallAsk: 'Withdraw this message for everybody?',
  thread: 'Thread',
  threadOf: (title) => `Thread in ${title}`,
  closeThread: 'Close the thread',
  replies: (count) => (count === 1 ? '1 reply' : `${count} replies`),
  lastAt: (time) => `last at ${time}`,
  lastOn: (day) => `last on ${day}`,
  unreadReplies: (count) => (count === 1 ? '1 unread reply' : `${count} unread replies`),
  earlierReplies: 'Earlier replies',
  noReplies: 'No replies yet',
  writeReply: 'Reply',
  follow: 'Follow',
  unfollow: 'Unfollow',
  myThreads: 'My threads',
  noThreads: 'You follow no threads yet. Whoever replies in one follows it.',
};

export const zh: ThreadTexts = {
  actionsOfMessage: '对此消息的操作',
  reactWith: (emoji) => `回应 ${emoji}`,
  reactions: (emoji, count, own) => `${emoji} ${count}${own ? '，包括我' : ''}`,
  reply: '在话题中回复',
  edit: '编辑',
  editText: '消息内容',
  cancel: '取消',
  recall: '撤回',
  recallAsk: '要为所有人撤回此消息吗？',
  thread: '话题',
  threadOf: (title) => `${title}中的话题`,
  closeThread: '关闭话题',
  replies: (count) => `${count} 条回复`,
  lastAt: (time) => `最近 ${time}`,
  lastOn: (day) => `最近 ${day}`,
  unreadReplies: (count) => `${count} 条未读回复`,
  earlierReplies: '更早的回复',
  noReplies: '还没有回复',
  writeReply: '回复',
  follow: '关注',
  unfollow: '取消关注',
  myThreads: '我的话题',
  noThreads: '还没有关注的话题。回复某个话题即会关注它。',
};
