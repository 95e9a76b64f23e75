import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 8;
const RETRY_MS = 250;

/** REST calls of a tenant's back end. */
export interface Api {
  /** @throws Error with the answer's text when it is not a success. A server that is away is asked again for a while. */
  call<T>(method: 'GET' | 'POST', path: string, more?: CallOptions): Promise<T>;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The user to act for. */
  readonly as?: string;
}

export function createApi(url: string, apiKey: string): Api {
  return {
    call: async <T>(method: 'GET' | 'POST', path: string, { body, as }: CallOptions = {}): Promise<T> => {
      const headers: Record<string, string> = { 'x-api-key': apiKey };
      if (as !== undefined) headers['x-on-behalf-of'] = as;
      if (body !== undefined) headers['content-type'] = 'application/json';
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      for (let attempt = 1; ; attempt += 1) {
        const response = await fetch(new URL(path, url), init).catch((error: unknown) => error as Error);
        if (response instanceof Response && response.ok) return (await response.json()) as T;
        const mayPass = response instanceof Error || response.status === 429 || response.status >= 500;
        if (!mayPass || attempt === ATTEMPTS) throw await failure(method, path, response);
        await sleep(RETRY_MS * attempt);
      }
    },
  };
}

async function failure(method: string, path: string, response: Response | Error): Promise<Error> {
  const what = response instanceof Error ? messageOf(response) : await answerOf(response);
  return new Error(`${method} ${path}: ${what}`);
}

/** `fetch` hides the system's error behind its own. */
function messageOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function answerOf(response: Response): Promise<string> {
  return `${response.status} ${await response.text()}`;
}

/** Calls `work` for every item, `width` at a time, and gives the results in order. Stops at the first failure. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
