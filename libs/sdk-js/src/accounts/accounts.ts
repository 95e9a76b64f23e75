/**
 * Sign-in for tenants without a back end: by password, by passkey, or by one of the tenant's identity providers. `token` is what
 * `createClient` asks for tokens.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol/constants';
import { apiAddress } from '../addresses.ts';
import { Emitter, type Listener, type Off } from '../emitter.ts';
import { type FetchLike, NO_TOKENS, Rest, type RestRequest } from '../rest.ts';
import type { OfferedProvider, PasskeyRequest, SignedIn } from './signed-in.ts';
import { type KeptSignIn, SignInKeeper, type SignInStorage } from './kept-sign-in.ts';

export interface AccountsOptions {
  /** Address of the REST API, without `/v1`. */
  readonly api: string;
  /** Id or subdomain of the tenant. */
  readonly tenant: string;
  /** Id of this device, kept over restarts and sign-ins. When left out each sign-in is a device of its own. */
  readonly clientId?: string;
  /** Where the sign-in is kept, such as `localStorage`; in memory when left out. All tabs share one sign-in by it. */
  readonly storage?: SignInStorage;
  /** Language of mails. */
  readonly locale?: 'en' | 'zh';
  readonly fetch?: FetchLike;
  readonly clock?: Clock;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the second factor, or a recovery code. Without one that is needed, `signIn` rejects and names the field `code`. */
  readonly code?: string;
}

export interface AccountsEvents {
  /** Somebody has signed in, or nobody is signed in any longer. */
  change: KeptSignIn | undefined;
}

/** Everything rejects with a `ChatError`. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #rest: Rest;
  readonly #keeper: SignInKeeper;
  readonly #events = new Emitter<AccountsEvents>();
  /** Of a sign-in just now; nobody has asked for it yet. */
  #fresh: string | undefined;

  /** Throws a `TypeError` for an address that is none. */
  constructor(options: AccountsOptions) {
    this.#options = options;
    const defaults = { clock: systemClock, fetch: ((...request) => globalThis.fetch(...request)) as FetchLike };
    this.#rest = new Rest({ ...defaults, ...options, api: apiAddress(options.api), tokens: NO_TOKENS });
    this.#keeper = new SignInKeeper(options.storage, `messagecore.sign-in.${options.tenant}`);
  }

  /** Who is signed in; undefined for nobody. */
  get current(): { readonly userId: string; readonly clientId: string } | undefined {
    return this.#keeper.get();
  }

  on(name: 'change', listener: Listener<AccountsEvents['change']>): Off {
    return this.#events.on(name, listener);
  }

  /**
   * A token of the one who is signed in, for `createClient`. Rejects with `unauthorized` when nobody is, or no longer, which
   * stops the client.
   */
  readonly token = async (): Promise<string> => this.#takeFresh() ?? this.#keeper.inTurn(() => this.#refresh());

  async signIn(credentials: Credentials): Promise<SignedIn> {
    return this.#begin(await this.#post('sign-in', { ...this.#tenant, ...credentials, ...this.#device }));
  }

  /** Resolves when a mail is on its way. It says how to go on, whether there is an account already or not. */
  signUp(person: { readonly email: string; readonly displayName: string }): Promise<void> {
    return this.#post('sign-up', { ...this.#tenant, ...this.#locale, ...person });
  }

  /** Makes the account of a sign-up or an invitation with the `token` of its mail, and signs in. */
  async confirm(account: {
    readonly token: string;
    readonly password: string;
    readonly displayName?: string;
  }): Promise<SignedIn> {
    return this.#begin(await this.#post('confirm', { ...account, ...this.#device }));
  }

  /** Resolves when a mail is on its way, whether there is an account or not. */
  forgotPassword(email: string): Promise<void> {
    return this.#post('forgot-password', { ...this.#tenant, ...this.#locale, email });
  }

  /** Sets a new password with the `token` of a mail. Signs nobody in. */
  resetPassword(reset: { readonly token: string; readonly password: string }): Promise<void> {
    return this.#post('reset-password', reset);
  }

  /** Changes the password of the one who is signed in, and ends all other sign-ins. */
  changePassword(change: { readonly password: string; readonly newPassword: string }): Promise<SignedIn> {
    // Other tabs, whose tokens end too, refresh with what this one is given and not with what was before.
    return this.#keeper.inTurn(async () => {
      const headers = { authorization: `Bearer ${this.#takeFresh() ?? (await this.#refresh())}` };
      return this.#begin(await this.#request('POST', 'password', { body: change, headers }));
    });
  }

  /** The identity providers that the tenant offers. */
  async providers(): Promise<readonly OfferedProvider[]> {
    const { items } = await this.#request<{ items: OfferedProvider[] }>('GET', 'providers', { query: this.#tenant });
    return items;
  }

  async signInLdap(given: {
    readonly providerId: string;
    readonly username: string;
    readonly password: string;
  }): Promise<SignedIn> {
    return this.#begin(await this.#post('ldap', { ...this.#tenant, ...given, ...this.#device }));
  }

  /**
   * Begins a sign-in by OpenID Connect: the page keeps `flow` and goes to `url`, which comes back to `redirectUri`. `flow`
   * must not leave the browser.
   */
  startOidc(given: {
    readonly providerId: string;
    readonly redirectUri: string;
  }): Promise<{ url: string; flow: string }> {
    return this.#post('oidc/start', { ...this.#tenant, ...given });
  }

  /** Ends it, with the query of the address to which the provider came back. */
  async finishOidc(given: { readonly flow: string; readonly query: string }): Promise<SignedIn> {
    return this.#begin(await this.#post('oidc/finish', { ...given, ...this.#device }));
  }

  /**
   * Begins a sign-in with a passkey, without a name: the answer is for `PublicKeyCredential.parseRequestOptionsFromJSON`. Rejects
   * with `forbidden` where there are no passkeys.
   */
  startPasskey(): Promise<PasskeyRequest> {
    return this.#post('passkeys/sign-in/start', this.#tenant);
  }

  /** Ends it, with the credential that `navigator.credentials.get` has given, or what its `toJSON` makes of it. */
  async finishPasskey(credential: object): Promise<SignedIn> {
    return this.#begin(await this.#post('passkeys/sign-in/finish', { ...this.#tenant, credential, ...this.#device }));
  }

  /** Signs out here; the tokens of this sign-in end. When the server cannot be asked, it is forgotten here and rejects. */
  async signOut(): Promise<void> {
    const kept = this.#keeper.get();
    this.#end();
    if (kept !== undefined) await this.#post('sign-out', { refreshToken: kept.refreshToken });
  }

  #takeFresh(): string | undefined {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    return fresh;
  }

  /** Each tab asks for a token of its own, with what the last one that asked has left. */
  async #refresh(): Promise<string> {
    const kept = this.#keeper.get();
    if (kept === undefined) throw new ChatError('unauthorized', 'nobody is signed in');
    try {
      const next = await this.#post<SignedIn>('refresh', { refreshToken: kept.refreshToken });
      // Somebody signed out or in while this was on its way: what came is not theirs.
      const isSame = [kept.refreshToken, next.refreshToken].includes(this.#keeper.get()?.refreshToken ?? '');
      if (!isSame) throw new ChatError('unauthorized', 'signed out meanwhile');
      this.#keeper.set(next);
      return next.token;
    } catch (error) {
      const isOver = error instanceof ChatError && (error.code === 'unauthorized' || error.code === 'forbidden');
      if (isOver && this.#keeper.get()?.refreshToken === kept.refreshToken) this.#end();
      throw error;
    }
  }

  #begin(signedIn: SignedIn): SignedIn {
    this.#fresh = signedIn.token;
    this.#keeper.set(signedIn);
    this.#events.emit('change', this.#keeper.get());
    return signedIn;
  }

  #end(): void {
    this.#fresh = undefined;
    this.#keeper.clear();
    this.#events.emit('change', undefined);
  }

  get #tenant() {
    return { tenant: this.#options.tenant };
  }

  get #device() {
    const { clientId } = this.#options;
    return clientId === undefined ? {} : { clientId };
  }

  get #locale() {
    const { locale } = this.#options;
    return locale === undefined ? {} : { locale };
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#request('POST', path, { body });
  }

  #request<T>(method: string, path: string, request: RestRequest): Promise<T> {
    return this.#rest.request(method, `/v1/auth/${path}`, request);
  }
}
