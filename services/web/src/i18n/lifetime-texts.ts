/** Texts of messages that disappear. */
import type { Lifetime } from '../chat/lifetime.ts';

export interface LifetimeTexts {
  readonly disappearing: string;
  readonly disappearWhen: string;
  readonly lifetimes: Readonly<Record<Lifetime, string>>;
  readonly disappears: (when: string) => string;
  readonly letStay: string;
  readonly expiresAfterRead: string;
  readonly expiresAt: (when: string) => string;
}

export const en: LifetimeTexts = {
  disappearing: 'Let it disappear',
  disappearWhen: 'When the message disappears',
  lifetimes: {
    always: 'Never',
    minutes: '5 minutes after it is sent',
    hour: 'an hour after it is sent',
    day: 'a day after it is sent',
    week: 'a week after it is sent',
    month: '30 days after it is sent',
    read: '10 seconds after everybody has read it',
    readMinutes: '5 minutes after everybody has read it',
    readDay: 'a day after everybody has read it',
  },
  disappears: (when) => `Disappears ${when}`,
  letStay: 'Let it stay',
  expiresAfterRead: 'disappears after reading',
  expiresAt: (when) => `disappears ${when}`,
};

export const zh: LifetimeTexts = {
  disappearing: '限时消息',
  disappearWhen: '消息何时消失',
  lifetimes: {
    always: '不消失',
    minutes: '发送 5 分钟后',
    hour: '发送 1 小时后',
    day: '发送 1 天后',
    week: '发送 1 周后',
    month: '发送 30 天后',
    read: '所有人阅读 10 秒后',
    readMinutes: '所有人阅读 5 分钟后',
    readDay: '所有人阅读 1 天后',
  },
  disappears: (when) => `${when}消失`,
  letStay: '不再限时',
  expiresAfterRead: '阅后即焚',
  expiresAt: (when) => `${when} 消失`,
};
