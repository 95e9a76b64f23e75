/** Texts of what a message can do: pins, receipts, quotes, links, what is unread; and of the keyboard. */
export interface MessageTexts {
  readonly moreActions: string;
  readonly quote: string;
  readonly doNotQuote: string;
  readonly quoteGone: string;
  readonly forward: string;
  readonly forwardTo: string;
  /** What a message said before it was edited. */
  readonly formerTexts: string;
  readonly nothingFormer: string;
  /** In place of a message that the page fails to render. */
  readonly cannotShow: string;
  /** By whom a message was that somebody has sent on; undefined where the name is not known. */
  readonly forwardedFrom: (name: string | undefined) => string;
  readonly pin: string;
  readonly unpin: string;
  readonly isPinned: string;
  readonly pinnedMessages: string;
  readonly noPins: string;
  readonly copyLink: string;
  readonly messageIn: (title: string) => string;
  readonly messageGone: string;
  readonly markUnread: string;
  readonly markRead: string;
  readonly markedUnread: string;
  readonly dismiss: string;
  readonly newSince: (count: number) => string;
  readonly whoReacted: string;
  readonly all: string;
  readonly receipts: string;
  readonly read: string;
  readonly delivered: string;
  readonly readByCount: (count: number) => string;
  readonly readByOf: (read: number, of: number) => string;
  readonly nobodyYet: string;
  readonly tooManyToTell: string;
  readonly translate: string;
  readonly translatedInto: (language: string) => string;
  readonly showOriginal: string;
  readonly noTranslator: string;
  readonly bookmark: string;
  readonly myBookmarks: string;
  readonly noBookmarks: string;
  readonly extras: string;
  readonly sendLater: string;
  readonly messageText: string;
  readonly sendAt: string;
  readonly scheduled: string;
  readonly nothingScheduled: string;
  readonly doNotSend: string;
  readonly cardStates: Readonly<Record<'waiting' | 'ok' | 'error' | 'timeout', string>>;
  readonly goToDate: string;
  readonly date: string;
  readonly show: string;
  readonly draft: (text: string) => string;
  readonly shortcuts: string;
  readonly shortcutOf: Readonly<Record<Shortcut, string>>;
}

/** What can be done by keys alone, in the order in which it is listed. */
export const SHORTCUTS = ['help', 'previous', 'next', 'find', 'compose', 'editLast', 'close'] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export const en: MessageTexts = {
  moreActions: 'More to do with this message',
  quote: 'Quote',
  doNotQuote: 'Do not quote',
  quoteGone: 'The quoted message is not there any more',
  forward: 'Forward',
  forwardTo: 'To which conversation',
  formerTexts: 'Earlier texts',
  nothingFormer: 'Nothing is kept of what it said before.',
  cannotShow: 'This page cannot show this message',
  forwardedFrom: (name) => (name === undefined ? 'Forwarded' : `Forwarded from ${name}`),
  pin: 'Pin',
  unpin: 'Unpin',
  isPinned: 'Pinned',
  pinnedMessages: 'Pinned messages',
  noPins: 'Nothing is pinned yet.',
  copyLink: 'Copy link',
  messageIn: (title) => `Message in ${title}`,
  messageGone: 'This message is not there any more, or not for you.',
  markUnread: 'Mark as unread',
  markRead: 'Mark as read',
  markedUnread: 'marked as unread',
  dismiss: 'Dismiss',
  newSince: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
  whoReacted: 'Who reacted',
  all: 'All',
  receipts: 'Read by',
  read: 'Read',
  delivered: 'Delivered',
  readByCount: (count) => `Read by ${count}`,
  readByOf: (read, of) => `Read by ${read} of ${of}`,
  nobodyYet: 'Nobody yet.',
  tooManyToTell: 'Too many people take part to tell who has read it.',
  translate: 'Translate',
  translatedInto: (language) => `In ${language}`,
  showOriginal: 'Show original',
  noTranslator: 'Nobody translates here: your administrator has set no translator.',
  bookmark: 'Bookmark',
  myBookmarks: 'Bookmarks',
  noBookmarks: 'You have bookmarked nothing yet.',
  extras: 'Send something else',
  sendLater: 'Send later',
  messageText: 'Message',
  sendAt: 'When',
  scheduled: 'Scheduled messages',
  nothingScheduled: 'Nothing waits for its time.',
  doNotSend: 'Do not send',
  goToDate: 'Go to a date',
  date: 'Date',
  show: 'Show',
  cardStates: {
    waiting: 'Waiting for an answer…',
    ok: 'Done.',
    error: 'That did not work.',
    timeout: 'No answer came.',
  },
  draft: (text) => `Draft: ${text}`,
  shortcuts: 'Keyboard shortcuts',
  shortcutOf: {
    help: 'Show this list',
    previous: 'Previous conversation',
    next: 'Next conversation',
    find: 'New conversation, find people and channels',
    compose: 'Write a message',
    editLast: 'Edit your last message, from the empty field',
    close: 'Close what is in front: a dialog, an edit, a quote, a thread, the conversation',
  },
};

export const zh: MessageTexts = {
  moreActions: '对此消息的更多操作',
  quote: '引用',
  doNotQuote: '取消引用',
  quoteGone: '被引用的消息已不存在',
  forward: '转发',
  forwardTo: '转发到哪个会话',
  formerTexts: '编辑历史',
  nothingFormer: '没有保留之前的内容。',
  cannotShow: '本页面无法显示此消息',
  forwardedFrom: (name) => (name === undefined ? '转发的消息' : `转发自${name}`),
  pin: '置顶消息',
  unpin: '取消置顶',
  isPinned: '已置顶',
  pinnedMessages: '置顶消息列表',
  noPins: '还没有置顶消息。',
  copyLink: '复制链接',
  messageIn: (title) => `${title}中的消息`,
  messageGone: '此消息已不存在，或你无权查看。',
  markUnread: '标为未读',
  markRead: '标为已读',
  markedUnread: '已标为未读',
  dismiss: '忽略',
  newSince: (count) => `${count} 条新消息`,
  whoReacted: '谁回应了',
  all: '全部',
  receipts: '阅读情况',
  read: '已读',
  delivered: '已送达对方',
  readByCount: (count) => `${count} 人已读`,
  readByOf: (read, of) => `${of} 人中 ${read} 人已读`,
  nobodyYet: '暂时没有。',
  tooManyToTell: '参与者过多，无法显示阅读情况。',
  translate: '翻译',
  translatedInto: (language) => `译为${language}`,
  showOriginal: '只看原文',
  noTranslator: '无法翻译：管理员尚未设置翻译服务。',
  bookmark: '收藏',
  myBookmarks: '我的收藏',
  noBookmarks: '还没有收藏的消息。',
  extras: '发送其他内容',
  sendLater: '定时发送',
  messageText: '消息',
  sendAt: '发送时间',
  scheduled: '定时消息',
  nothingScheduled: '没有等待发送的消息。',
  doNotSend: '取消发送',
  goToDate: '跳转到日期',
  date: '日期',
  show: '显示',
  cardStates: { waiting: '正在等待答复…', ok: '已完成。', error: '未能完成。', timeout: '没有收到答复。' },
  draft: (text) => `草稿：${text}`,
  shortcuts: '键盘快捷键',
  shortcutOf: {
    help: '显示此列表',
    previous: '上一个会话',
    next: '下一个会话',
    find: '新会话、查找联系人和频道',
    compose: '写消息',
    editLast: '输入框为空时编辑自己的上一条消息',
    close: '关闭最前面的内容：对话框、编辑、引用、话题、会话',
  },
};
