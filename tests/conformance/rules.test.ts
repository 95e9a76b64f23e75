/** Every rule of protocol/SPEC.md is proven by a test that quotes it, and no test quotes a rule that is not there. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const spec = readFileSync(join(root, 'protocol/SPEC.md'), 'utf8');
const rules = [...spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\* (withdrawn)?/gm)];
const valid = new Set(rules.filter(([, , withdrawn]) => withdrawn === undefined).map(([, id]) => id!));
const families = new Set([...valid].map((id) => id.split('-')[0]));

/** Ids in square brackets inside the names of tests, with the file that quotes them. */
const quoted = globSync('{protocol,libs,services,tests,migrations,deploy}/**/*.test.ts', {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
}).flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/['"`](?:\[[A-Z]+-\d+\] ?)+/g)]
    .flatMap(([ids]) => [...ids.matchAll(/\[([A-Z]+-\d+)\]/g)])
    .map(([, id]) => ({ id: id!, file })),
);

test('every rule has a test', () => {
  const proven = new Set(quoted.map(({ id }) => id));
  expect([...valid].filter((id) => !proven.has(id))).toEqual([]);
});

test('no test quotes a rule that is not in the contract', () => {
  expect(quoted.filter(({ id }) => families.has(id.split('-')[0]) && !valid.has(id))).toEqual([]);
  expect(quoted.length).toBeGreaterThan(valid.size);
});
