/** After what time a message is to disappear, as one chooses it before it is sent (EXPR-1, EXPR-7). All of it pure. */
import type { SendOptions } from '@messagecore/sdk';

export type Expiry = Pick<SendOptions, 'expiresIn' | 'expiresAfterRead'>;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LIFETIMES = {
  always: {},
  minutes: { expiresIn: 5 * MINUTE },
  hour: { expiresIn: HOUR },
  day: { expiresIn: DAY },
  week: { expiresIn: 7 * DAY },
  month: { expiresIn: 30 * DAY },
  read: { expiresAfterRead: 10 },
  readMinutes: { expiresAfterRead: 5 * MINUTE },
  readDay: { expiresAfterRead: DAY },
} as const satisfies Readonly<Record<string, Expiry>>;

export type Lifetime = keyof typeof LIFETIMES;

/** In the order in which they are offered. */
export const lifetimes = Object.keys(LIFETIMES) as readonly Lifetime[];

export const expiryOf = (lifetime: Lifetime): Expiry => LIFETIMES[lifetime];

/** Where many take part, none begins with the reading of all (EXPR-10). */
export const lifetimesFor = (participants: number, most: number): readonly Lifetime[] =>
  lifetimes.filter((lifetime) => participants <= most || expiryOf(lifetime).expiresAfterRead === undefined);

/** When it disappears, in milliseconds since 1970; undefined where that is not certain yet, or it stays. */
export const expiryAt = (sentAt: number, { expiresIn }: Expiry): number | undefined =>
  expiresIn === undefined ? undefined : sentAt + expiresIn * 1_000;
