/** Builds the vector files. `node protocol/vectors/generate.ts` writes them; a test fails when they are out of step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';
import { encodeBatch } from '../src/bus/envelope.ts';
import { encodeFrame } from '../src/wire/codec.ts';
import { CLOSE, ERRORS, RECONNECT } from '../src/wire/catalogue.ts';
import { LIMITS, RATE_PROFILES } from '../src/wire/limits.ts';
import { PROTOCOL_VERSION, SUBPROTOCOLS } from '../src/wire/version.ts';
import type { DownFrame } from '../src/wire/down.ts';
import type { UpFrame } from '../src/wire/up.ts';
import { z } from 'zod';
import { isCallable } from '../src/features/operation.ts';
import { OPERATIONS } from '../src/features/operations.ts';
import * as bus from './cases/bus.ts';
import * as down from './cases/down.ts';
import { ids } from './cases/ids.ts';
import { bodies, texts } from './cases/text.ts';
import * as up from './cases/up.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const list = <T, R extends object>(cases: Record<string, T>, make: (value: T) => R) =>
  Object.entries(cases).map(([name, value]) => ({ name, ...make(value) }));

/** A frame with both of its encodings, made by the codec that servers and clients use. */
const encoded = (frame: object) => ({
  frame,
  json: encodeFrame(frame as UpFrame | DownFrame, 'json'),
  msgpack: hex(encodeFrame(frame as UpFrame | DownFrame, 'msgpack')),
});

/** Contents of every vector file by name. */
export function buildVectors(): Record<string, object> {
  return {
    'up.json': {
      valid: list(up.valid, encoded),
      tolerated: list(up.tolerated, (it) => it),
      refused: [
        ...list(up.wrongShape, ({ frame, code, paths }) => ({
          json: JSON.stringify(frame),
          msgpack: hex(encode(frame)),
          code,
          paths,
        })),
        ...list(up.notJson, (json) => ({ json, code: 'bad_frame' })),
        ...list(up.notMsgpack, (msgpack) => ({ msgpack, code: 'bad_frame' })),
      ],
    },
    'down.json': {
      valid: list(down.valid, encoded),
      refused: list(down.wrongShape, ({ frame, paths }) => ({ json: JSON.stringify(frame), paths })),
      future: list(down.future, (it) => it),
    },
    'text.json': { texts: list(texts, (it) => it), bodies: list(bodies, (it) => it) },
    'ids.json': ids,
    'bus.json': {
      batches: list(bus.batches, ({ header, frames }) => ({ header, frames, payload: encodeBatch(header, frames) })),
      broken: list(bus.broken, (it) => it),
    },
    'errors.json': {
      errors: Object.entries(ERRORS).map(([code, { http, close, retry }]) => ({ code, http, close, retry })),
      closes: Object.entries(CLOSE).map(([name, code]) => ({ code, name, reconnect: RECONNECT[code] })),
    },
    'operations.json': {
      operations: OPERATIONS.filter(isCallable).map(({ name, summary, access, method, path, laned, args, ...rest }) => ({
        ...{ name, summary, access, method, path, laned },
        args: z.toJSONSchema(args, { io: 'input' }),
        ...('result' in rest && { result: z.toJSONSchema(rest.result) }),
      })),
    },
    'limits.json': { version: PROTOCOL_VERSION, subprotocols: SUBPROTOCOLS, limits: LIMITS, rates: RATE_PROFILES.production },
  };
}

/** The text of a vector file. */
export function renderVectors(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, content] of Object.entries(buildVectors())) {
    writeFileSync(join(import.meta.dirname, name), renderVectors(content));
  }
}
