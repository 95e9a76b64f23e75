/** Every text of the page, in every language. A language that lacks one does not compile. */
import { type AccountTexts, en as accountsEn, zh as accountsZh } from './account-texts.ts';
import { en as emojisEn, type EmojiTexts, zh as emojisZh } from './emoji-texts.ts';
import { en as groupsEn, type GroupTexts, zh as groupsZh } from './group-texts.ts';
import { en as lifetimesEn, type LifetimeTexts, zh as lifetimesZh } from './lifetime-texts.ts';
import { en as messagesEn, type MessageTexts, zh as messagesZh } from './message-texts.ts';
import { en as peopleEn, type PeopleTexts, zh as peopleZh } from './people-texts.ts';
import { en as pollsEn, type PollTexts, zh as pollsZh } from './poll-texts.ts';
import { en as remindersEn, type ReminderTexts, zh as remindersZh } from './reminder-texts.ts';
import { en as roomsEn, type RoomTexts, zh as roomsZh } from './room-texts.ts';
import { en as systemEn, type SystemTexts, zh as systemZh } from './system-texts.ts';
import { en as threadsEn, type ThreadTexts, zh as threadsZh } from './thread-texts.ts';

/** What a refusal means, by its code; of others the server's own words are shown. */
interface Problems {
  readonly unauthorized: string;
  readonly forbidden: string;
  readonly not_found: string;
  readonly conflict: string;
  readonly rate_limited: string;
  readonly unavailable: string;
}

export interface Texts
  extends
    AccountTexts,
    EmojiTexts,
    GroupTexts,
    LifetimeTexts,
    MessageTexts,
    PeopleTexts,
    PollTexts,
    ReminderTexts,
    RoomTexts,
    SystemTexts,
    ThreadTexts {
  readonly close: string;
  readonly more: string;
  readonly problems: Problems;
  /** Of what goes wrong in the browser itself. */
  readonly didNotWork: string;
  readonly languageName: string;
  readonly otherLanguage: string;
  readonly signInTitle: string;
  readonly signInHint: string;
  readonly signInAs: (name: string) => string;
  readonly loading: string;
  readonly cannotLoad: string;
  readonly retry: string;
  readonly conversations: string;
  readonly noConversations: string;
  readonly pickConversation: string;
  readonly unread: (count: number) => string;
  /** Oneself as one of several. */
  readonly you: string;
  readonly youSaid: (text: string) => string;
  readonly people: (count: number) => string;
  readonly together: (names: readonly string[]) => string;
  readonly typing: (names: readonly string[]) => string;
  readonly write: (title: string) => string;
  readonly send: string;
  readonly back: string;
  readonly switchUser: string;
  readonly messagesOf: (title: string) => string;
  readonly said: (name: string, text: string) => string;
  readonly toNewest: (count: number) => string;
  readonly newMessages: string;
  readonly beginning: string;
  readonly missing: (count: number) => string;
  readonly loadingOlder: string;
  readonly sending: string;
  readonly sent: string;
  readonly readBy: (names: readonly string[]) => string;
  readonly failed: (why: string) => string;
  readonly again: string;
  readonly edited: string;
  readonly recalled: string;
  readonly expired: string;
  readonly unknownKind: (kind: string) => string;
  readonly today: string;
  readonly yesterday: string;
  readonly connecting: string;
  readonly reconnecting: string;
  readonly waitingToSend: (count: number) => string;
  readonly online: (gateway: string) => string;
  readonly stopped: string;
  readonly joinedEvent: (names: readonly string[]) => string;
  readonly leftEvent: (names: readonly string[]) => string;
  readonly otherEvent: (event: string) => string;
  readonly emptyConversation: string;
}

function listOf(locale: string): (names: readonly string[]) => string {
  const format = new Intl.ListFormat(locale, { type: 'conjunction' });
  return (names) => format.format(names);
}

export const en: Texts = {
  ...accountsEn,
  ...emojisEn,
  ...groupsEn,
  ...lifetimesEn,
  ...messagesEn,
  ...peopleEn,
  ...pollsEn,
  ...remindersEn,
  ...roomsEn,
  ...systemEn,
  ...threadsEn,
  close: 'Close',
  more: 'More',
  problems: {
    unauthorized: 'That is not right, or it was used already.',
    forbidden: 'That is not allowed.',
    not_found: 'That is not there any more.',
    conflict: 'That does not fit what is there now.',
    rate_limited: 'Too much at once. Try again in a while.',
    unavailable: 'The server cannot be reached. Try again.',
  },
  didNotWork: 'That did not work in this browser.',
  languageName: 'English',
  otherLanguage: '中文',
  signInTitle: 'Welcome to MessageCore',
  signInHint: 'Open this page in two tabs, one for each of them, and talk.',
  signInAs: (name) => `Continue as ${name}`,
  loading: 'Loading…',
  cannotLoad: 'The page cannot reach its server.',
  retry: 'Try again',
  conversations: 'Conversations',
  noConversations: 'No conversations yet',
  pickConversation: 'Pick a conversation to start',
  unread: (count) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  you: 'you',
  youSaid: (text) => `You: ${text}`,
  people: (count) => (count === 1 ? '1 person' : `${count} people`),
  together: listOf('en'),
  typing: (names) => (names.length === 1 ? `${names[0]} is typing` : `${listOf('en')(names)} are typing`),
  write: (title) => `Message ${title}`,
  send: 'Send',
  back: 'Back to conversations',
  switchUser: 'Switch user',
  messagesOf: (title) => `Messages in ${title}`,
  said: (name, text) => `${name}: ${text}`,
  toNewest: (count) => (count === 0 ? 'Jump to the newest' : `${count} new`),
  newMessages: 'New messages',
  beginning: 'This is where it all began',
  missing: (count) => (count === 1 ? 'One message is no longer kept' : `${count} messages are no longer kept`),
  loadingOlder: 'Loading older messages…',
  sending: 'Sending',
  sent: 'Sent',
  readBy: (names) => `Read by ${listOf('en')(names)}`,
  failed: (why) => `Not sent: ${why}`,
  again: 'Send again',
  edited: 'edited',
  recalled: 'This message was withdrawn',
  expired: 'This message has expired',
  unknownKind: (kind) => `This page cannot show messages of kind “${kind}” yet`,
  today: 'Today',
  yesterday: 'Yesterday',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting… Your messages are safe.',
  waitingToSend: (count) => (count === 1 ? '1 message waits to be sent.' : `${count} messages wait to be sent.`),
  online: (gateway) => `Online at ${gateway}`,
  stopped: 'Signed out by the server.',
  joinedEvent: (names) => `${listOf('en')(names)} joined`,
  leftEvent: (names) => `${listOf('en')(names)} left`,
  otherEvent: (event) => `The conversation changed (${event})`,
  emptyConversation: 'No messages yet. Say hello!',
};

export const zh: Texts = {
  ...accountsZh,
  ...emojisZh,
  ...groupsZh,
  ...lifetimesZh,
  ...messagesZh,
  ...peopleZh,
  ...pollsZh,
  ...remindersZh,
  ...roomsZh,
  ...systemZh,
  ...threadsZh,
  close: '关闭',
  more: '更多',
  problems: {
    unauthorized: '不正确，或已被使用。',
    forbidden: '不允许此操作。',
    not_found: '已不存在。',
    conflict: '与当前状态冲突。',
    rate_limited: '操作过于频繁，请稍后再试。',
    unavailable: '无法连接到服务器，请重试。',
  },
  didNotWork: '此浏览器无法完成该操作。',
  languageName: '中文',
  otherLanguage: 'English',
  signInTitle: '欢迎使用 MessageCore',
  signInHint: '在两个标签页中分别以不同身份打开本页，即可互相聊天。',
  signInAs: (name) => `以 ${name} 的身份继续`,
  loading: '正在加载…',
  cannotLoad: '页面无法连接到服务器。',
  retry: '重试',
  conversations: '会话',
  noConversations: '还没有会话',
  pickConversation: '选择一个会话开始聊天',
  unread: (count) => `${count} 条未读消息`,
  you: '我',
  youSaid: (text) => `我：${text}`,
  people: (count) => `${count} 人`,
  together: listOf('zh'),
  typing: (names) => `${listOf('zh')(names)}正在输入`,
  write: (title) => `发消息到${title}`,
  send: '发送',
  back: '返回会话列表',
  switchUser: '切换用户',
  messagesOf: (title) => `${title}的消息`,
  said: (name, text) => `${name}：${text}`,
  toNewest: (count) => (count === 0 ? '回到最新' : `${count} 条新消息`),
  newMessages: '新消息',
  beginning: '这里是会话的开头',
  missing: (count) => `有 ${count} 条消息已不再保留`,
  loadingOlder: '正在加载更早的消息…',
  sending: '正在发送',
  sent: '已送达',
  readBy: (names) => `${listOf('zh')(names)}已读`,
  failed: (why) => `发送失败：${why}`,
  again: '重新发送',
  edited: '已编辑',
  recalled: '此消息已撤回',
  expired: '此消息已过期',
  unknownKind: (kind) => `本页面暂不支持“${kind}”类型的消息`,
  today: '今天',
  yesterday: '昨天',
  connecting: '正在连接…',
  reconnecting: '正在重新连接… 消息不会丢失。',
  waitingToSend: (count) => `${count} 条消息等待发送。`,
  online: (gateway) => `已连接 ${gateway}`,
  stopped: '服务器已将你登出。',
  joinedEvent: (names) => `${listOf('zh')(names)}加入了会话`,
  leftEvent: (names) => `${listOf('zh')(names)}离开了会话`,
  otherEvent: (event) => `会话有变更（${event}）`,
  emptyConversation: '还没有消息，打个招呼吧！',
};
