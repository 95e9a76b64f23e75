/** Texts of reminders. */
import type { Suggestion } from '../chat/reminders.ts';

export interface ReminderTexts {
  readonly remindMe: string;
  readonly remindAt: string;
  readonly remindThen: string;
  readonly reminderNote: string;
  readonly suggestion: Readonly<Record<Suggestion, string>>;
  readonly reminder: string;
  readonly myReminders: string;
  readonly noReminders: string;
  /** It is done: no reminder is needed any more. */
  readonly done: string;
  readonly isDue: string;
  readonly dueSince: (date: string) => string;
  readonly dueReminders: (count: number) => string;
  readonly moreDue: (count: number) => string;
  readonly openMessage: string;
  readonly notifyHint: string;
  readonly notifyMe: string;
}

export const en: ReminderTexts = {
  remindMe: 'Remind me',
  remindAt: 'When',
  remindThen: 'Remind me then',
  reminderNote: 'Note (if you like)',
  suggestion: {
    minutes20: 'In 20 minutes',
    hour: 'In 1 hour',
    hours3: 'In 3 hours',
    tomorrow: 'Tomorrow',
    nextWeek: 'Next week',
  },
  reminder: 'Reminder',
  myReminders: 'Reminders',
  noReminders: 'Nothing to be reminded of. “Remind me” is among the things to do with a message.',
  done: 'Done',
  isDue: 'due',
  dueSince: (date) => `Due since ${date}`,
  dueReminders: (count) => (count === 1 ? '1 reminder is due' : `${count} reminders are due`),
  moreDue: (count) => (count === 1 ? '1 more is due' : `${count} more are due`),
  openMessage: 'Open',
  notifyHint: 'This browser can tell you of reminders while you look elsewhere.',
  notifyMe: 'Allow notifications',
};

export const zh: ReminderTexts = {
  remindMe: '提醒我',
  remindAt: '提醒时间',
  remindThen: '到时提醒我',
  reminderNote: '备注（可选）',
  suggestion: {
    minutes20: '20 分钟后',
    hour: '1 小时后',
    hours3: '3 小时后',
    tomorrow: '明天',
    nextWeek: '下周',
  },
  reminder: '提醒',
  myReminders: '我的提醒',
  noReminders: '还没有提醒。可在消息的操作中选择“提醒我”。',
  done: '完成',
  isDue: '已到时间',
  dueSince: (date) => `${date} 已到时间`,
  dueReminders: (count) => `${count} 条提醒已到时间`,
  moreDue: (count) => `还有 ${count} 条已到时间`,
  openMessage: '打开',
  notifyHint: '你在别处时，此浏览器可以通知你提醒已到时间。',
  notifyMe: '允许通知',
};
