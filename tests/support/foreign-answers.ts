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

/** Tokens of every kind. */
const CREDENTIAL = /eyJ[\w-]+\.[\w-]+\.[\w-]+|mcr_[\w-]+/g;
/** As SCIM writes them. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The whole answer, without what was asked for, and without what two answers about the same differ in. */
export function whole({ status, headers, body }: Answered, asked: unknown): unknown {
  const kept = [...(headers ?? [])].filter(([name]) => !HEADERS_OF_CHANCE.test(name));
  const text = JSON.stringify(without({ status, headers: Object.fromEntries(kept), body }, asked));
  return comparable(JSON.parse(text.replaceAll(CREDENTIAL, '<token>').replaceAll(TIME, '<time>')));
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

/** Counts the requests, and how long those about something and those about nothing took. */
export class Tally {
  count = 0;
  readonly #took = { real: [] as number[], none: [] as number[] };

  async time<T>(which: 'real' | 'none', ask: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const answer = await ask();
    this.#took[which].push(performance.now() - begun);
    if (which === 'real') this.count += 1;
    return answer;
  }

  /** A line to read; no test asserts a time. */
  report(): string {
    const of = (which: 'real' | 'none') => `${medianOf(this.#took[which]).toFixed(2)} ms`;
    return `${this.count} requests with what is another tenant’s: median ${of('real')}, and ${of('none')} with what is nobody’s`;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
