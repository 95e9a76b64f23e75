import type { Clock } from '@messagecore/kernel';
import type { ErrorCode, Problem } from '@messagecore/protocol';
import { ChatError, ERRORS } from '@messagecore/protocol/constants';
import type { TokenSource } from './token.ts';

export type FetchLike = typeof globalThis.fetch;

export interface RestRequest {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface RestDeps {
  /** Address of the API, without `/v1`. */
  readonly api: string;
  readonly tokens: TokenSource;
  readonly fetch: FetchLike;
  readonly clock: Clock;
}

/** The server answers within 10 s whatever hangs behind it; a connection that is silent for longer is dead. */
const ANSWER_MS = 20_000;

/** REST calls as the signed-in user. */
export class Rest {
  readonly #deps: RestDeps;

  constructor(deps: RestDeps) {
    this.#deps = deps;
  }

  /**
   * The answer's JSON, or undefined for an answer without a body. Throws a `ChatError`: the problem that the server
   * reports, or `unavailable` when there is no answer. A refused token is renewed once.
   */
  async request<T>(method: string, path: string, request: RestRequest = {}): Promise<T> {
    const first = await this.#fetch(method, path, request, await this.#deps.tokens.get());
    const refused = first.status === ERRORS.unauthorized.http && this.#deps.tokens.renewable;
    const response = refused ? await this.#fetch(method, path, request, await this.#deps.tokens.get(true)) : first;
    if (!response.ok) throw await problemOf(response);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #fetch(
    method: string,
    path: string,
    { query = {}, body, signal }: RestRequest,
    token: string,
  ): Promise<Response> {
    const url = new URL(this.#deps.api.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const abort = new AbortController();
    const timer = this.#deps.clock.setTimeout(() => abort.abort(), ANSWER_MS);
    signal?.addEventListener('abort', () => abort.abort(signal.reason), { once: true });
    if (signal?.aborted === true) abort.abort(signal.reason);
    try {
      return await this.#deps.fetch(url.href, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: abort.signal,
      });
    } catch (cause) {
      throw new ChatError('unavailable', undefined, { cause });
    } finally {
      timer.cancel();
    }
  }
}

/** Turns a refusal into an error of the catalogue; an answer that is no problem document becomes one by its status. */
export async function problemOf(response: Response): Promise<ChatError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const { code, detail, retryAfterMs, errors } = problem;
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return new ChatError(codeForStatus(response.status));
  return new ChatError(code, detail, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(errors === undefined ? {} : { errors }),
  });
}

/** For what stands between: a proxy's error page has no code. What may pass by itself counts as `unavailable`. */
function codeForStatus(status: number): ErrorCode {
  if (status >= ERRORS.internal.http) return 'unavailable';
  const byStatus: ErrorCode[] = ['unauthorized', 'forbidden', 'not_found', 'too_large', 'rate_limited'];
  return byStatus.find((code) => ERRORS[code].http === status) ?? 'bad_request';
}
