/** Compares what is answered about another tenant's things with what is answered about nothing. */
import { expect } from 'vitest';
import { comparable } from './operations.ts';

export interface Answered {
  readonly status?: number;
  readonly headers?: Headers;
  readonly body: unknown;
}

/** What differs from answer to answer whatever was asked. */
const HEADERS_OF_CHANCE = /^(?:date|content-length|connection|keep-alive|x-request-id|traceparent|x?-?ratelimit-)/i;

/** Tokens of every kind, secrets of second factors and recovery codes. */
const CREDENTIAL =
  /eyJ[\w-]+\.[\w-]+\.[\w-]+|mc[rs]_[\w-]+|\b[A-Z2-7]{32}\b|\b[2-9a-hj-km-np-z]{4}(?:-[2-9a-hj-km-np-z]{4}){3}\b/g;
/** Challenges of passkeys, and what names a user to authenticators. */
const OF_PASSKEY = /(?<="challenge":"|"user":\{"id":")[\w-]+(?=")/g;
/** As SCIM writes them. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The whole answer, without what was asked for, and without what two answers about the same differ in. */
export function whole({ status, headers, body }: Answered, asked: unknown): unknown {
  const kept = [...(headers ?? [])].filter(([name]) => !HEADERS_OF_CHANCE.test(name));
  const text = JSON.stringify(without({ status, headers: Object.fromEntries(kept), body }, asked));
  const plain = text.replaceAll(CREDENTIAL, '<token>').replaceAll(OF_PASSKEY, '<bytes>').replaceAll(TIME, '<time>');
  return comparable(JSON.parse(plain));
}

/** The names that were asked for, wherever they are echoed. */
function without<T>(answer: T, asked: unknown): T {
  const text = namesIn(asked).reduce((text, name) => text.replaceAll(name, '<asked>'), JSON.stringify(answer));
  return JSON.parse(text) as T;
}

function namesIn(asked: unknown): string[] {
  if (typeof asked === 'string') return [asked, asked.replace(/^(?:ext|user):/, '')];
  if (Array.isArray(asked)) return asked.flatMap(namesIn);
  return typeof asked === 'object' && asked !== null ? Object.keys(asked).flatMap(namesIn) : [];
}

/** Nothing of the other tenant, but what the request has named itself. */
export function tellsNothing(answer: Answered, asked: unknown, secrets: readonly string[]): void {
  const told = JSON.stringify(without({ ...answer, headers: [...(answer.headers ?? [])] }, asked));
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
}

export type Which = 'real' | 'none';

/** Counts the requests, and how long those about something and those about nothing took, for each operation. */
export class Tally {
  count = 0;
  #realFirst = false;
  readonly #took = new Map<string, Record<Which, number[]>>();

  /** Asks about something and about nothing, in turns first. */
  async both<T>(about: string, ask: (which: Which) => Promise<T>): Promise<[real: T, none: T]> {
    const took = this.#took.get(about) ?? { real: [], none: [] };
    this.#took.set(about, took);
    const timed = async (which: Which) => {
      const begun = performance.now();
      const answer = await ask(which);
      took[which].push(performance.now() - begun);
      return answer;
    };
    this.count += 1;
    this.#realFirst = !this.#realFirst;
    if (this.#realFirst) return [await timed('real'), await timed('none')];
    const none = await timed('none');
    return [await timed('real'), none];
  }

  /** Lines to read; no test asserts a time. */
  report(): string {
    const all = [...this.#took.values()];
    const line = (about: string, took: readonly Record<Which, readonly number[]>[]) => {
      const of = (which: Which) => `${medianOf(took.flatMap((each) => each[which])).toFixed(2)} ms`;
      const requests = took.flatMap(({ real }) => real).length;
      return `${about}: ${requests} requests, median ${of('real')} with what is another tenant’s, ${of('none')} with what is nobody’s`;
    };
    return [...[...this.#took].map(([about, took]) => line(about, [took])), line('all', all)].join('\n');
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
