/**
 * What holds for the whole platform, as this process last saw it. Each process looks into PostgreSQL twice a second, so that
 * a change holds everywhere within a second, whatever the bus and Redis do; while PostgreSQL does not answer, what was seen
 * last goes on holding.
 */
import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type Live, type Logger, type Loop, startLoop, type Watches } from '@messagecore/runtime';
import type { Sql } from '../database/connect.ts';
import { DEFAULT_SYSTEM, readSystem } from './system-settings.ts';

const LOOK_EVERY_MS = 500;
/** When to try again, where nobody has said how long it will take; and the longest that anybody is told to wait. */
const RETRY_MS = { usual: 10_000, most: 60_000, least: 1_000 };

export interface SystemWatch {
  /** Refuses what changes something while there is maintenance; undefined otherwise. */
  readonly refusal: () => ChatError | undefined;
  /** Whether a product area is on. One that nobody has switched off is. */
  readonly isOn: (feature: string) => boolean;
  stop(): Promise<void>;
}

/** What follows what is seen. */
export interface Followers {
  readonly watches: Pick<Watches, 'set'>;
  readonly live: Pick<Live, 'set'>;
}

/** Settles after the first look, whatever that saw. */
export async function watchSystem(
  sql: Sql,
  log: Logger,
  { watches, live }: Followers,
  clock = systemClock,
): Promise<SystemWatch> {
  let seen = DEFAULT_SYSTEM;
  const step = async () => {
    seen = await readSystem(sql);
    watches.set(seen.watches);
    live.set(seen.settings, seen.changedAt ?? 0);
  };
  await step().catch((err: unknown) => log.warn({ err }, 'the settings of the system are not read yet'));
  const loop: Loop = startLoop({ name: 'settings of the system', everyMs: LOOK_EVERY_MS, log, step });

  return {
    refusal() {
      const { on, message, until } = seen.maintenance;
      if (!on) return undefined;
      const { usual, most, least } = RETRY_MS;
      const retryAfterMs = until === null ? usual : Math.min(most, Math.max(least, until - clock.now()));
      return new ChatError('maintenance', message ?? undefined, { retryAfterMs });
    },
    isOn: (feature) => seen.features[feature] ?? true,
    stop: () => loop.stop(),
  };
}
