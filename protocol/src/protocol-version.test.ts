import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as busShapes from './bus.ts';
import { DownFrame, PROTOCOL_VERSION, UpFrame } from './index.ts';
import { PAGES, RPC } from './bus.ts';

const FILE = 'schema-hashes.json';

/** Every shape that travels between two processes which may be of different versions, by name. */
function shapes(): Record<string, z.ZodType> {
  const frames = [...UpFrame.options, ...DownFrame.options].map((schema) => [schema.meta()?.id ?? '', schema]);
  const bus = Object.entries(busShapes).filter(([name]) => name === 'BatchHeader' || name.endsWith('Event'));
  const rpc = Object.entries(RPC).flatMap(([name, { item, result }]) => [
    [`rpc.${name}.item`, item],
    [`rpc.${name}.result`, result],
  ]);
  const pages = Object.entries(PAGES).map(([name, schema]) => [`rpc.${name}`, schema]);
  return Object.fromEntries([...frames, ...bus, ...rpc, ...pages]);
}

function hashOf(schema: z.ZodType): string {
  const json = JSON.stringify(z.toJSONSchema(schema, { io: 'input' }));
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}

test('a changed shape is a decision about the version', () => {
  const now = {
    version: PROTOCOL_VERSION,
    shapes: Object.fromEntries(Object.entries(shapes()).map(([name, schema]) => [name, hashOf(schema)])),
  };
  const stored = JSON.parse(readFileSync(join(import.meta.dirname, FILE), 'utf8')) as typeof now;
  const names = new Set([...Object.keys(now.shapes), ...Object.keys(stored.shapes)]);
  const changed = [...names].filter((name) => now.shapes[name] !== stored.shapes[name]);
  expect(
    now,
    `Changed: ${changed.join(', ') || 'the version alone'}.
If an old peer still understands it (a new optional field, a wider bound): write the new hashes to ${FILE}.
If not (a field removed, renamed or made required, a narrower bound): raise PROTOCOL_VERSION too, and say in SPEC.md what changed.
The new content of ${FILE}:
${JSON.stringify(now, null, 2)}
`,
  ).toEqual(stored);
});

test('every shape is covered', () => {
  const all = shapes();
  expect(Object.keys(all)).not.toContain('');
  expect(Object.keys(all).length).toBe(
    UpFrame.options.length + DownFrame.options.length + 13 + Object.keys(RPC).length * 2 + Object.keys(PAGES).length,
  );
});
