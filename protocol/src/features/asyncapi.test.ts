import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import specs from '@asyncapi/specs';
import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { DownFrame } from '../wire/down.ts';
import { UpFrame } from '../wire/up.ts';
import { asyncApi } from './asyncapi.ts';
import { EVENTS } from './events.ts';
import { isCallable, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

interface Document {
  operations: Record<string, { action: string; reply?: { messages: { $ref: string }[] } }>;
  components: { messages: Record<string, { payload: object }>; schemas: Record<string, object> };
}

const document = JSON.parse(JSON.stringify(asyncApi())) as Document;
const operations = (OPERATIONS as readonly Operation[]).filter(isCallable);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'document');
const checkOf = (message: string) => ajv.compile({ $ref: `document#/components/messages/${message}/payload` });

function frames(file: string): { t: string }[] {
  const text = readFileSync(join(import.meta.dirname, '../../vectors', file), 'utf8');
  return (JSON.parse(text) as { valid: { frame: { t: string } }[] }).valid.map(({ frame }) => frame);
}

/** Every reference in a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

const pointed = (pointer: string) =>
  pointer
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);

test('it is AsyncAPI 3.0 by the published schema', () => {
  const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as AnySchema);
  expect([validate(document), validate.errors]).toEqual([true, null]);
  expect(validate({ ...document, operations: { x: { action: 'shout' } } })).toBe(false);
});

test('every reference leads somewhere', () => {
  const all = references(document);
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter((pointer) => pointed(pointer) === undefined)).toEqual([]);
});

test('every frame and every operation is there, each operation with its result or an error', () => {
  const up = UpFrame.options.map(({ shape }) => `up.${shape.t.value}`);
  const down = DownFrame.options.map(({ shape }) => `down.${shape.t.value}`);
  const calls = operations.map(({ name }) => `call.${name}`);
  const events = Object.keys(EVENTS).map((name) => `event.${name}`);
  expect(Object.keys(document.operations).toSorted()).toEqual([...up, ...down, ...events, ...calls].toSorted());
  for (const { name } of operations) {
    const { action, reply } = document.operations[`call.${name}`]!;
    const answers = ['result.' + name, 'down.error'].map((message) => ({
      $ref: `#/channels/session/messages/${message}`,
    }));
    expect([action, reply?.messages]).toEqual(['receive', answers]);
  }
});

const CID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SETTINGS = {
  silentUntil: null,
  pinned: true,
  hidden: false,
  favourite: false,
  markedUnread: false,
  level: 'all',
};

describe('its schemas', () => {
  test.each(['up', 'down'])('take every frame of the vectors (%s)', (direction) => {
    const all = frames(`${direction}.json`);
    expect(all.length).toBeGreaterThan(20);
    for (const frame of all) {
      const validate = checkOf(`${direction}.${frame.t}`);
      expect([frame, validate({ ...frame, later: 1 }), validate.errors]).toEqual([frame, true, null]);
    }
  });

  test.each([
    ['up.join', { t: 'join', cid: 'nowhere' }],
    ['down.gap', { t: 'gap', cid: CID, from: 1, to: 2, reason: 'mood' }],
    ['call.devices.revoke', { t: 'call', op: 'devices.revoke', ref: '1', args: {} }],
    ['call.devices.revoke', { t: 'call', op: 'devices.revoke', ref: '1' }],
    ['call.devices.revoke', { t: 'call', op: 'devices.list', ref: '1', args: { clientId: 'phone' } }],
    ['call.conversations.read', { t: 'call', op: 'conversations.read', ref: '1', args: { pos: 1 } }],
    ['result.devices.revoke', { t: 'result', ref: '1', data: {} }],
    ['result.devices.list', { t: 'result', ref: '1' }],
    ['event.conversation.settings', { t: 'event', event: 'conversation.settings', cid: CID, data: {} }],
    ['event.conversation.draft', { t: 'event', event: 'conversation.settings', cid: CID, data: SETTINGS }],
  ])('refuse what is no %s: %j', (message, frame) => {
    expect(checkOf(message)(frame)).toBe(false);
  });

  test.each([
    ['call.devices.revoke', { t: 'call', op: 'devices.revoke', ref: '1', args: { clientId: 'phone' } }],
    ['call.devices.list', { t: 'call', op: 'devices.list', ref: '1' }],
    ['result.devices.list', { t: 'result', ref: '1', data: { items: [], next: null } }],
    ['result.devices.revoke', { t: 'result', ref: '1' }],
    ['event.conversation.settings', { t: 'event', event: 'conversation.settings', cid: CID, data: SETTINGS }],
  ])('take a %s', (message, frame) => {
    expect(checkOf(message)(frame)).toBe(true);
  });
});
