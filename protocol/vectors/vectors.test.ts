import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { BODIES, ChatError, Cid, CLOSE, ClientId, decodeDown, decodeUp, DownFrame, encodeFrame, ERRORS, exceedsCodePoints, invalid, LIMITS, Mid, RECONNECT, UpFrame } from '../src/index.ts';
import { decodeBatch, encodeBatch } from '../src/bus.ts';
import { CID } from './cases/samples.ts';
import { buildVectors, renderVectors } from './generate.ts';

interface Encoded {
  name: string;
  frame: object;
  json: string;
  msgpack: string;
}
interface Refused {
  name: string;
  json?: string;
  msgpack?: string;
  code: string;
  paths?: string[];
}

const stored = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const read = (name: string) => JSON.parse(stored(name));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

/** The ChatError that a call throws; fails when it throws none or another. */
function thrown(call: () => unknown): ChatError {
  try {
    call();
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const pathsOf = (error: ChatError) => (error.errors ?? []).map((field) => field.path);

test.each(Object.entries(buildVectors()))('%s is in step with its cases', (name, content) => {
  expect(stored(name) === renderVectors(content), 'run: node protocol/vectors/generate.ts').toBe(true);
});

describe('frames of the client', () => {
  const { valid, tolerated, refused } = read('up.json') as {
    valid: Encoded[];
    tolerated: { name: string; json: string; frame: object }[];
    refused: Refused[];
  };

  test.each(valid)('[FRM-2] $name reads the same from both encodings', ({ frame, json, msgpack }) => {
    expect(decodeUp(json, 'json')).toEqual(frame);
    expect(decodeUp(bytes(msgpack), 'msgpack')).toEqual(frame);
  });

  test.each(valid)('[FRM-1] $name is written as the vector says', ({ frame, json, msgpack }) => {
    expect(JSON.parse(encodeFrame(frame as UpFrame, 'json'))).toEqual(JSON.parse(json));
    expect(decode(encodeFrame(frame as UpFrame, 'msgpack'))).toEqual(decode(bytes(msgpack)));
  });

  test.each(tolerated)('[FRM-3] accepts: $name', ({ json, frame }) => {
    expect(decodeUp(json, 'json')).toEqual(frame);
  });

  test.each(refused)('[FRM-5] refuses: $name', ({ json, msgpack, code, paths }) => {
    const attempts = [
      ...(json === undefined ? [] : [() => decodeUp(json, 'json')]),
      ...(msgpack === undefined ? [] : [() => decodeUp(bytes(msgpack), 'msgpack')]),
    ];
    expect(attempts).not.toHaveLength(0);
    for (const attempt of attempts) {
      const error = thrown(attempt);
      expect(error.code).toBe(code);
      if (paths !== undefined) expect(pathsOf(error)).toEqual(paths);
    }
  });

  test('cover every type, each accepted and refused', () => {
    const types = UpFrame.options.map((option) => option.shape.t.value);
    const typeOf = (json: string | undefined) => json?.match(/^\{"t":"(\w+)"/)?.[1];
    expect(new Set(valid.map(({ json }) => typeOf(json)))).toEqual(new Set(types));
    const refusedTypes = new Set(refused.map(({ json }) => typeOf(json)));
    expect(types.filter((type) => !refusedTypes.has(type))).toEqual([]);
  });
});

describe('frames of the server', () => {
  const { valid, refused, future } = read('down.json') as {
    valid: Encoded[];
    refused: { name: string; json: string; paths: string[] }[];
    future: { name: string; json: string; read: object | null }[];
  };

  test.each(valid)('[FRM-2] $name reads the same from both encodings', ({ frame, json, msgpack }) => {
    expect(DownFrame.parse(decodeDown(json, 'json'))).toEqual(frame);
    expect(DownFrame.parse(decodeDown(bytes(msgpack), 'msgpack'))).toEqual(frame);
  });

  test.each(refused)('$name is not a frame', ({ json, paths }) => {
    const result = DownFrame.safeParse(JSON.parse(json));
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual(paths);
  });

  test.each(future)('[FRM-3] from a newer server: $name', ({ json, read: known }) => {
    const result = DownFrame.safeParse(decodeDown(json, 'json'));
    expect(result.data ?? null).toEqual(known);
  });

  test('cover every type', () => {
    const types = DownFrame.options.map((option) => option.shape.t.value);
    expect(new Set(valid.map(({ frame }) => (frame as DownFrame).t))).toEqual(new Set(types));
  });
});

describe('text', () => {
  const { texts, bodies } = read('text.json') as {
    texts: { name: string; unit: string; times: number; codePoints: number; utf16: number; accepted: boolean }[];
    bodies: { name: string; kind: keyof typeof BODIES; body: unknown; stored?: object; code?: string; paths?: string[] }[];
  };

  test.each(texts)('[FRM-10] $name', ({ unit, times, codePoints, utf16, accepted }) => {
    const text = (JSON.parse(unit) as string).repeat(times);
    expect(Array.from(text)).toHaveLength(codePoints);
    expect(text).toHaveLength(utf16);
    expect(exceedsCodePoints(text, codePoints)).toBe(false);
    if (codePoints > 0) expect(exceedsCodePoints(text, codePoints - 1)).toBe(true);
    const body = BODIES.text.safeParse({ text });
    expect(body.success).toBe(accepted);
    if (accepted) expect(JSON.stringify(body.data).length).toBeLessThanOrEqual(LIMITS.bodyBytes);
  });

  test.each(texts.filter(({ times }) => times === 1))('[FRM-9] $name comes back as it was', ({ unit }) => {
    const text = JSON.parse(unit) as string;
    const frame: UpFrame = { t: 'edit', cid: CID, seq: 1, body: { text }, ref: 'r' };
    expect(decodeUp(encodeFrame(frame, 'json'), 'json')).toEqual(frame);
    expect(decodeUp(encodeFrame(frame, 'msgpack'), 'msgpack')).toEqual({ ...frame, body: { text: text.toWellFormed() } });
  });

  test.each(bodies)('body: $name', ({ kind, body, stored: expected, code, paths }) => {
    const result = BODIES[kind].safeParse(body);
    if (result.success) {
      expect(JSON.stringify(result.data)).toBe(JSON.stringify(expected));
      return;
    }
    const error = invalid(result.error);
    expect({ code: error.code, paths: pathsOf(error) }).toEqual({ code, paths });
  });
});

describe('ids', () => {
  const schemas = { mid: Mid, cid: Cid, clientId: ClientId };
  const ids = read('ids.json') as Record<keyof typeof schemas, { good: string[]; bad: string[] }>;

  test.each(Object.keys(schemas) as (keyof typeof schemas)[])('[FRM-11] %s', (kind) => {
    for (const id of ids[kind].good) expect(schemas[kind].safeParse(id).success, JSON.stringify(id)).toBe(true);
    for (const id of ids[kind].bad) expect(schemas[kind].safeParse(id).success, JSON.stringify(id)).toBe(false);
  });
});

describe('bus', () => {
  const { batches, broken } = read('bus.json') as {
    batches: { name: string; header: Parameters<typeof encodeBatch>[0]; frames: string[]; payload: string }[];
    broken: { name: string; payload: string; because: 'json' | 'header' | 'count' }[];
  };
  const utf8 = (text: string) => new TextEncoder().encode(text);

  test.each(batches)('batch: $name', ({ header, frames, payload }) => {
    expect(encodeBatch(header, frames)).toBe(payload);
    const batch = decodeBatch(utf8(payload));
    expect(batch.header).toEqual(header);
    expect(batch.frames.map((frame) => new TextDecoder().decode(frame))).toEqual(frames);
    for (const frame of frames) expect(DownFrame.safeParse(JSON.parse(frame)).success).toBe(true);
  });

  test.each(broken)('refuses: $name', ({ payload, because }) => {
    const reason = { json: /JSON/, header: /invalid_value/, count: /^batch has/ }[because];
    expect(() => decodeBatch(utf8(payload))).toThrow(reason);
  });
});

test('errors and closes are the catalogue', () => {
  const { errors, closes } = read('errors.json');
  expect(errors).toEqual(Object.entries(ERRORS).map(([code, { http, close, retry }]) => ({ code, http, close, retry })));
  expect(closes).toEqual(Object.entries(CLOSE).map(([name, code]) => ({ code, name, reconnect: RECONNECT[code] })));
});
