import { Allowance, type AllowanceOptions } from './allowance.ts';

export interface AllowancesOptions extends Omit<AllowanceOptions, 'isCrowded'> {
  readonly isCrowded: (userId: string) => boolean;
}

/** Each user's allowance. Who goes and comes back has the same one, until it is whole again anyway. */
export class Allowances {
  readonly #options: AllowancesOptions;
  readonly #byUser = new Map<string, Allowance>();
  /** Users without a session. */
  readonly #gone = new Set<string>();

  constructor(options: AllowancesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byUser.size;
  }

  /** `leave` must follow. */
  enter(userId: string): Allowance {
    const isCrowded = () => this.#options.isCrowded(userId);
    const allowance = this.#byUser.get(userId) ?? new Allowance({ ...this.#options, isCrowded });
    this.#byUser.set(userId, allowance);
    this.#gone.delete(userId);
    allowance.holders += 1;
    return allowance;
  }

  leave(userId: string): void {
    const allowance = this.#byUser.get(userId);
    if (allowance === undefined) return;
    allowance.holders -= 1;
    if (allowance.holders === 0) this.#gone.add(userId);
  }

  /** Forgets those that are whole. To be called every second. */
  sweep(): void {
    for (const userId of this.#gone) {
      if (this.#byUser.get(userId)?.isWhole === false) continue;
      this.#byUser.delete(userId);
      this.#gone.delete(userId);
    }
  }

  close(): void {
    for (const allowance of this.#byUser.values()) allowance.close();
  }
}
