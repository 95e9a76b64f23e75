import type { Clock } from '@messagecore/kernel';
import type { ErrorCode, Problem } from './wire.ts';
import { ChatError, ERRORS } from '@messagecore/protocol/constants';
import type { TokenSource } from './token.ts';

export type FetchLike = typeof globalThis.fetch;

export interface RestRequest {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What of a `TokenSource` is asked; it may have no token to give. */
interface Tokens extends Pick<TokenSource, 'renewable' | 'signIn'> {
  get(fresh?: boolean): Promise<string | undefined>;
}

/** Of requests that anybody may make. */
export const NO_TOKENS: Tokens = { renewable: false, signIn: 0, get: () => Promise.resolve(undefined) };

export interface RestDeps {
  /** Address of the API, without `/v1`. */
  readonly api: string;
  readonly tokens: Tokens;
  readonly fetch: FetchLike;
  readonly clock: Clock;
}

/** The server answers within 10 s whatever hangs behind it; a connection that is silent for longer is dead. */
const ANSWER_MS = 20_000;

/** REST calls as the signed-in user. */
export class Rest {
  readonly #deps: RestDeps;

  /** @internal */
  constructor(deps: RestDeps) {
    this.#deps = deps;
  }

  /**
   * The answer's JSON, or undefined for an answer without a body. Throws a `ChatError`: the problem that the server
   * reports, or `unavailable` when there is no answer. A refused token is renewed once.
   */
  async request<T>(method: string, path: string, request: RestRequest = {}): Promise<T> {
    const { tokens } = this.#deps;
    const { signIn } = tokens;
    const first = await this.#call(method, path, request, await tokens.get());
    const refused = first.status === ERRORS.unauthorized.http && tokens.renewable && signIn === tokens.signIn;
    const { ok, status, text } = refused ? await this.#call(method, path, request, await this.#renewed(signIn)) : first;
    if (!ok) throw problemFrom(status, text);
    return (text === '' ? undefined : parsed(text)) as T;
  }

  /** A new token of the same sign-in: a call of one user is not repeated as another. */
  async #renewed(signIn: number): Promise<string | undefined> {
    const token = await this.#deps.tokens.get(true);
    if (signIn !== this.#deps.tokens.signIn) throw new ChatError('unauthorized', 'the client was closed meanwhile');
    return token;
  }

  /** The whole answer: one whose body does not end in time is none. */
  async #call(
    method: string,
    path: string,
    { query = {}, body, headers: more, signal }: RestRequest,
    token: string | undefined,
  ): Promise<Answer> {
    const url = new URL(this.#deps.api + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const headers: Record<string, string> = { ...more, ...(token && { authorization: `Bearer ${token}` }) };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const abort = new AbortController();
    const timer = this.#deps.clock.setTimeout(() => abort.abort(), ANSWER_MS);
    const onAbort = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    try {
      const fetched = this.#deps.fetch(url.href, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: abort.signal,
      });
      // A `fetch` that does not heed its signal must not hold the call either.
      return await Promise.race([fetched.then(answerOf), aborted(abort.signal)]);
    } catch (cause) {
      throw new ChatError('unavailable', undefined, { cause });
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

async function answerOf(response: Response): Promise<Answer> {
  return { ok: response.ok, status: response.status, text: await response.text() };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Somebody in between, such as a portal that asks to sign in, answers in the server's place.
    throw new ChatError('unavailable', 'the answer is not JSON', { cause });
  }
}

/** Turns a refusal into an error of the catalogue; an answer that is no problem document becomes one by its status. */
export async function problemOf(response: Response): Promise<ChatError> {
  return problemFrom(response.status, await response.text().catch(() => ''));
}

function problemFrom(status: number, text: string): ChatError {
  const { code, detail, retryAfterMs, errors } = problemIn(text);
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return new ChatError(codeForStatus(status));
  return new ChatError(code, detail, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(errors === undefined ? {} : { errors }),
  });
}

function problemIn(text: string): Partial<Problem> {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/** For what stands between: a proxy's error page has no code. What may pass by itself counts as `unavailable`. */
function codeForStatus(status: number): ErrorCode {
  if (status >= ERRORS.internal.http) return 'unavailable';
  const byStatus: ErrorCode[] = ['unauthorized', 'forbidden', 'not_found', 'too_large', 'rate_limited'];
  return byStatus.find((code) => ERRORS[code].http === status) ?? 'bad_request';
}
