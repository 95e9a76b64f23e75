/**
 * The settings of a process that may change while it runs: what an operator changed, and for the rest what the process was
 * started with.
 *
 * Invariant: `rates` and each rate of a profile in it are the same objects all the time, and only their numbers change, so that
 * whoever holds one follows; a rate that no profile has comes and goes. Nothing is asked for on the way of a message.
 */
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { type LiveTexts, readLive } from './live-settings.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** What a process was started with. */
export interface OwnSettings {
  readonly logLevel: string;
  readonly logSuccessRatio?: number;
  readonly limits: RateLimits;
  /** In place of single ones of `limits`. */
  readonly rates?: Partial<RateLimits> | undefined;
  readonly maxPending?: number;
  readonly maxPendingPerIp?: number;
  readonly maxSessionsPerUser?: number;
}

const UNBOUNDED = Number.POSITIVE_INFINITY;
/** Longest value of a label. */
const SHOWN = 200;

export class Live {
  readonly rates: RateLimits;
  readonly #own: OwnSettings;
  readonly #log: Logger;
  #texts: LiveTexts | undefined;
  #changedAt = 0;
  #current: Required<Omit<OwnSettings, 'limits' | 'rates' | 'logLevel'>>;

  constructor(own: OwnSettings, { log, metrics }: { readonly log: Logger; readonly metrics: Metrics }) {
    this.#own = own;
    this.#log = log;
    this.#current = numbersOf(own);
    this.rates = structuredClone({ ...own.limits, ...own.rates });
    metrics.gauge('setting_changed', '1 for each setting that was changed while the process runs', {
      labels: ['setting', 'value'],
      collect: (gauge) => {
        gauge.reset();
        for (const [setting, text] of Object.entries(this.texts)) {
          gauge.set({ setting, value: text.slice(0, SHOWN) }, 1);
        }
      },
    });
  }

  /** What was changed. */
  get texts(): LiveTexts {
    return this.#texts ?? {};
  }

  /** When the last change was made, by the record's clock, in milliseconds; 0 for never. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** False until it is known what was changed. */
  get isKnown(): boolean {
    return this.#texts !== undefined;
  }

  get logSuccessRatio(): number {
    return this.#current.logSuccessRatio;
  }

  get maxPending(): number {
    return this.#current.maxPending;
  }

  get maxPendingPerIp(): number {
    return this.#current.maxPendingPerIp;
  }

  get maxSessionsPerUser(): number {
    return this.#current.maxSessionsPerUser;
  }

  /** All that is changed now; what was changed before and is not among it is as at the start again. */
  set(texts: LiveTexts, changedAt: number): void {
    this.#changedAt = changedAt;
    if (isEqual(texts, this.#texts)) return;
    const isFirst = this.#texts === undefined && Object.keys(texts).length === 0;
    this.#texts = texts;
    if (isFirst) return;
    const { changes, wrong } = readLive(texts);
    const { limits, rates: ownRates, logLevel } = this.#own;
    const profile = changes.LIMITS === undefined ? limits : RATE_PROFILES[changes.LIMITS];
    follow(this.rates, { ...profile, ...(changes.RATES ?? ownRates) });
    this.#current = numbersOf({
      ...this.#own,
      ...(changes.LOG_SUCCESS_RATIO !== undefined && { logSuccessRatio: changes.LOG_SUCCESS_RATIO }),
      ...(changes.MAX_PENDING !== undefined && { maxPending: changes.MAX_PENDING }),
      ...(changes.MAX_PENDING_PER_IP !== undefined && { maxPendingPerIp: changes.MAX_PENDING_PER_IP }),
      ...(changes.MAX_SESSIONS_PER_USER !== undefined && { maxSessionsPerUser: changes.MAX_SESSIONS_PER_USER }),
    });
    this.#log.info({ settings: texts }, 'settings changed');
    this.#log.level = changes.LOG_LEVEL ?? logLevel;
    if (wrong.length > 0) this.#log.warn({ wrong }, 'settings of another version are left as they were');
  }
}

function numbersOf({ logSuccessRatio, maxPending, maxPendingPerIp, maxSessionsPerUser }: OwnSettings) {
  return {
    logSuccessRatio: logSuccessRatio ?? 0,
    maxPending: maxPending ?? UNBOUNDED,
    maxPendingPerIp: maxPendingPerIp ?? UNBOUNDED,
    maxSessionsPerUser: maxSessionsPerUser ?? UNBOUNDED,
  };
}

/** Changes the numbers of `rates` to those of `wanted`, in place. */
function follow(rates: RateLimits, wanted: RateLimits): void {
  const known: Partial<Record<string, object>> = rates as object;
  for (const name of Object.keys(known)) if (!(name in wanted)) delete known[name];
  for (const [name, rate] of Object.entries(wanted)) known[name] = Object.assign(known[name] ?? {}, rate);
}

function isEqual(texts: LiveTexts, others: LiveTexts | undefined): boolean {
  if (others === undefined || Object.keys(texts).length !== Object.keys(others).length) return false;
  return Object.entries(texts).every(([name, text]) => others[name] === text);
}
