/** Calls operations over REST and by `call`. */
import { type DownFrameOf, HEADERS, type UpFrameOf } from '@messagecore/protocol';
import { type Operation, pathArguments } from '@messagecore/protocol/features';
import { call, type CallOptions, type RawClient } from '@messagecore/testkit';
import { expect } from 'vitest';
import type { Args } from './operation-samples.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function overRest(api: string, operation: Operation, args: Args, auth: NonNullable<CallOptions['headers']>) {
  const { method, path } = operation;
  const inPath = pathArguments(operation);
  const inHeaders = Object.keys(operation.headers?.shape ?? {}) as (keyof typeof HEADERS)[];
  const url = inPath.reduce((url, name) => url.replace(`:${name}`, encodeURIComponent(text(args[name]))), api + path);
  const named = inHeaders.flatMap((name) => (args[name] === undefined ? [] : [[HEADERS[name], text(args[name])]]));
  const headers = { ...auth, ...(Object.fromEntries(named) as Record<string, string>) };
  const rest = Object.entries(args).filter(
    ([name]) => !inPath.includes(name) && !(inHeaders as string[]).includes(name),
  );
  if (method !== 'GET') {
    return call(method, url, { headers, ...(rest.length > 0 && { body: Object.fromEntries(rest) }) });
  }
  const each = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const query = new URLSearchParams(
    rest.flatMap(([name, value]) => each(value).map((one): [string, string] => [name, text(one)])),
  );
  return call(method, `${url}?${query.toString()}`, { headers });
}

/** Where the arguments belong: those of a laned operation have `cid` beside them. */
export function frameOf({ name, laned }: Operation, args: Args, ref: string): UpFrameOf<'call'> {
  if (!laned) return { t: 'call', op: name, ref, args };
  const { cid, ...others } = args;
  return { t: 'call', op: name, ref, cid: text(cid), args: others };
}

/** The one answer to a call. */
export async function answerTo(client: RawClient, frame: UpFrameOf<'call'>) {
  const from = client.frames.length;
  client.sendFrame(frame);
  const answers = () =>
    client.frames
      .slice(from)
      .filter(
        (each): each is DownFrameOf<'result' | 'error'> =>
          (each.t === 'result' || each.t === 'error') && each.ref === frame.ref,
      );
  await client.record.until(`an answer to ${frame.op}`, () => answers().length > 0);
  await client.settle();
  expect(answers()).toHaveLength(1);
  return answers()[0]!;
}

/** Ends the session that asks, perhaps before it is answered. */
export const ENDS_SESSION = 'devices.revokeAll';

let refs = 0;
export const callOf = (client: RawClient, operation: Operation, args: Args) =>
  answerTo(client, frameOf(operation, args, `call${(refs += 1)}`));

const ID = /t-[\da-f-]{18}|mc[ks]_[\w-]+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}/g;
/** Over ids and times. */
const HASH = /\b[\da-f]{64}\b/g;
const TIME = 1_000_000_000_000;

/** An answer without what differs between two places that are alike: ids, times, hashes of them, and the order that comes from ids. */
export function comparable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(ID, '<id>').replaceAll(HASH, '<hash>');
  if (typeof value === 'number') return value > TIME ? '<time>' : value;
  if (Array.isArray(value)) return value.map(comparable).toSorted(byText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replaceAll(ID, '<id>'), comparable(inner)]),
  );
}

/** Of a tenant's usage what gateways report by the second: how many sessions are open. What may be open stays. */
export function withoutSessions<T>(usage: T): T {
  const { connections, ...others } = usage as { connections?: object };
  if (connections === undefined) return usage;
  return { ...others, connections: { ...connections, current: undefined, percentage: undefined } } as T;
}

const byText = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b));
