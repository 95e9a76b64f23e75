import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol/constants';

/** A token, or where to get one. A provider is asked again when a token has run out or was refused. */
export type TokenProvider = string | (() => string | Promise<string>);

/** A token is renewed this long before it expires, or at half of its life if that is sooner. */
const RENEW_BEFORE_MS = 60_000;
/** A provider that has not answered by then counts as failed, and is asked again later. */
const PROVIDER_MS = 30_000;

/** The token in hand. Whoever asks while one is being fetched shares that fetch. */
export class TokenSource {
  readonly renewable: boolean;
  readonly #provider: TokenProvider;
  readonly #clock: Clock;
  #token: string | undefined;
  #fetching: Promise<string> | undefined;
  #signIn = 0;
  /** Server's clock minus ours. */
  #aheadMs = 0;

  /** Throws a `TypeError` for a fixed token that cannot be one. */
  constructor(provider: TokenProvider, clock: Clock) {
    this.#provider = typeof provider === 'string' ? tokenFrom(provider) : provider;
    this.#clock = clock;
    this.renewable = typeof provider === 'function';
  }

  /** Changes when the user may have become another one: tokens from before it must not be mixed with those after. */
  get signIn(): number {
    return this.#signIn;
  }

  /** A token that is not known to be expired; with `fresh`, one newly asked for. Rejects as the provider does. */
  async get(fresh = false): Promise<string> {
    if (typeof this.#provider === 'string') return this.#provider;
    if (this.#fetching !== undefined) return this.#fetching;
    if (!fresh && this.#token !== undefined && (this.#lifeMs(this.#token) ?? 1) > 0) return this.#token;
    const fetching = this.#fetch(this.#provider, this.#signIn);
    this.#fetching = fetching;
    const over = () => {
      if (this.#fetching === fetching) this.#fetching = undefined;
    };
    fetching.then(over, over);
    return fetching;
  }

  /** The application closed: whoever signs in next may be somebody else. */
  forget(): void {
    this.#signIn += 1;
    this.#token = undefined;
    this.#fetching = undefined;
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

  async #fetch(provider: () => string | Promise<string>, signIn: number): Promise<string> {
    const token = tokenFrom(await this.#inTime(provider));
    if (signIn === this.#signIn) this.#token = token;
    return token;
  }

  #inTime(provider: () => string | Promise<string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = new ChatError('unavailable', `no token within ${PROVIDER_MS} ms`);
      const timer = this.#clock.setTimeout(() => reject(late), PROVIDER_MS);
      const asked = new Promise<string>((answer) => answer(provider()));
      asked.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #lifeMs(token: string): number | undefined {
    const expiresAt = expiryOf(token);
    return expiresAt === undefined ? undefined : expiresAt - (this.#clock.now() + this.#aheadMs);
  }
}

/** What was given as a token, without the white space around it, such as the newline at the end of a file. */
function tokenFrom(given: unknown): string {
  const token = typeof given === 'string' ? given.trim() : '';
  // What cannot stand in a header fails in other words at every call.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TypeError('the token is empty, or not one line of ASCII text');
  return token;
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
