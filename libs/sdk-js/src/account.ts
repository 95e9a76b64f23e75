/**
 * A user with an e-mail address and a password, in a tenant that has no back end: signs up and in, and is the `token` of a
 * client. Refresh tokens are used once; here they are used one after the other, and whoever asks meanwhile shares the answer.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol/constants';
import { apiAddress } from './addresses.ts';
import { type FetchLike, problemOf } from './rest.ts';

/** What a device has of its sign-in: secrets, as a password is one. */
export interface SignedIn {
  readonly userId: string;
  /** For `createClient`. */
  readonly clientId: string;
  readonly token: string;
  /** In milliseconds, as the server's clock has it. */
  readonly expiresAt: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
}

export interface AccountOptions {
  /** Address of the REST API, without `/v1`. */
  readonly api: string;
  /** Id or subdomain of the tenant. */
  readonly tenant: string;
  /** What was kept of an earlier sign-in. */
  readonly signedIn?: SignedIn | undefined;
  /** Keeps it: called with each new one before it is used, and with undefined when the sign-in has ended. */
  readonly keep?: (signedIn: SignedIn | undefined) => void | Promise<void>;
  readonly fetch?: FetchLike;
  readonly clock?: Clock;
}

/** The server answers within 10 s; a connection that is silent for longer is dead. */
const ANSWER_MS = 20_000;

export class Account {
  readonly #options: AccountOptions;
  readonly #api: string;
  #signedIn: SignedIn | undefined;
  /** The token that was given last: whoever asks again wants another one. */
  #given: string | undefined;
  #refreshing: Promise<string> | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#api = apiAddress(options.api);
    this.#signedIn = options.signedIn;
  }

  get signedIn(): SignedIn | undefined {
    return this.#signedIn;
  }

  /** Asks for a mail with which the account is made, or which says that there is one. @throws ChatError */
  async signUp(who: { readonly email: string; readonly displayName: string; readonly locale?: 'en' | 'zh' }) {
    await this.#post('sign-up', { tenant: this.#options.tenant, ...who });
  }

  /** Makes the account with the token of that mail, or of an invitation, and signs in. @throws ChatError */
  confirm(given: {
    readonly token: string;
    readonly password: string;
    readonly displayName?: string;
    readonly clientId?: string;
  }): Promise<SignedIn> {
    return this.#signInBy('confirm', given);
  }

  /**
   * With `code` where the account has a second factor: six digits, or a recovery code. Without a `clientId` the device gets
   * one. @throws ChatError: `unauthorized`, whose `errors` name `code` when that is missing or wrong
   */
  signIn(given: {
    readonly email: string;
    readonly password: string;
    readonly code?: string;
    readonly clientId?: string;
  }): Promise<SignedIn> {
    return this.#signInBy('sign-in', { tenant: this.#options.tenant, ...given });
  }

  /**
   * For `createClient({ token: account.token })`: the token in hand, and when it is asked for again, the next one. Rejects
   * with `unauthorized` when the sign-in has ended.
   */
  readonly token = async (): Promise<string> => {
    const signedIn = this.#signedIn;
    if (signedIn === undefined) throw new ChatError('unauthorized', 'nobody is signed in');
    if (this.#refreshing !== undefined) return this.#refreshing;
    const { clock = systemClock } = this.#options;
    if (signedIn.token !== this.#given && signedIn.expiresAt > clock.now()) return this.#give(signedIn);
    const refreshing = this.#refresh(signedIn).finally(() => (this.#refreshing = undefined));
    this.#refreshing = refreshing;
    return refreshing;
  };

  /** Ends the tokens and sessions of this device. What was kept is gone even where the server cannot be told. @throws ChatError */
  async signOut(): Promise<void> {
    // What is just being got is signed out, not what it replaces.
    await this.#refreshing?.catch(() => {});
    const signedIn = this.#signedIn;
    if (signedIn === undefined) return;
    await this.#use(undefined);
    await this.#post('sign-out', { refreshToken: signedIn.refreshToken });
  }

  async #signInBy(way: string, given: object): Promise<SignedIn> {
    const signedIn = await this.#post<SignedIn>(way, given);
    await this.#use(signedIn);
    return signedIn;
  }

  async #refresh(old: SignedIn): Promise<string> {
    try {
      const next = await this.#post<SignedIn>('refresh', { refreshToken: old.refreshToken });
      // Who has signed in meanwhile stays.
      if (this.#signedIn === old) await this.#use(next);
      return this.#give(this.#signedIn ?? next);
    } catch (error) {
      const isOver = error instanceof ChatError && error.code === 'unauthorized';
      if (isOver && this.#signedIn === old) await this.#use(undefined);
      throw error;
    }
  }

  #give({ token }: SignedIn): string {
    this.#given = token;
    return token;
  }

  async #use(signedIn: SignedIn | undefined): Promise<void> {
    this.#signedIn = signedIn;
    await this.#options.keep?.(signedIn);
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const { fetch = (...request) => globalThis.fetch(...request), clock = systemClock } = this.#options;
    const abort = new AbortController();
    const timer = clock.setTimeout(() => abort.abort(), ANSWER_MS);
    try {
      const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(`${this.#api}/v1/auth/${path}`, { ...request, signal: abort.signal });
      if (!response.ok) throw await problemOf(response);
      const text = await response.text();
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      throw cause instanceof ChatError ? cause : new ChatError('unavailable', undefined, { cause });
    } finally {
      timer.cancel();
    }
  }
}
