import type { Clock } from '@messagecore/kernel';

/** A token, or where to get one. A provider is asked again when a token has run out or was refused. */
export type TokenProvider = string | (() => string | Promise<string>);

/** A token is renewed this long before it expires, or at half of its life if that is sooner. */
const RENEW_BEFORE_MS = 60_000;

/** The token in hand. Whoever asks while one is being fetched shares that fetch. */
export class TokenSource {
  readonly renewable: boolean;
  readonly #provider: TokenProvider;
  readonly #clock: Clock;
  #token: string | undefined;
  #fetching: Promise<string> | undefined;
  /** Server's clock minus ours. */
  #aheadMs = 0;

  constructor(provider: TokenProvider, clock: Clock) {
    this.#provider = provider;
    this.#clock = clock;
    this.renewable = typeof provider === 'function';
  }

  /** A token that is not known to be expired; with `fresh`, one newly asked for. Rejects as the provider does. */
  async get(fresh = false): Promise<string> {
    if (typeof this.#provider === 'string') return this.#provider;
    if (this.#fetching !== undefined) return this.#fetching;
    if (!fresh && this.#token !== undefined && (this.#lifeMs(this.#token) ?? 1) > 0) return this.#token;
    this.#fetching = this.#fetch(this.#provider);
    return this.#fetching;
  }

  /** Corrects for a client whose clock is wrong. */
  serverTime(serverTs: number): void {
    this.#aheadMs = serverTs - this.#clock.now();
  }

  /** When to renew this token, in milliseconds from now; undefined when that cannot be done or known. */
  renewInMs(token: string): number | undefined {
    if (!this.renewable) return undefined;
    const lifeMs = this.#lifeMs(token);
    return lifeMs === undefined ? undefined : Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2, 0);
  }

  async #fetch(provider: () => string | Promise<string>): Promise<string> {
    try {
      this.#token = await provider();
      return this.#token;
    } finally {
      this.#fetching = undefined;
    }
  }

  #lifeMs(token: string): number | undefined {
    const expiresAt = expiryOf(token);
    return expiresAt === undefined ? undefined : expiresAt - (this.#clock.now() + this.#aheadMs);
  }
}

/** Reads `exp` of a JWT in milliseconds, without trusting it for anything but timing. */
export function expiryOf(jwt: string): number | undefined {
  try {
    const payload = jwt.split('.')[1] ?? '';
    const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
