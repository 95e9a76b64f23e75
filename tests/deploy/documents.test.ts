/** What the documents say about tables, metrics, routes and scripts is what there is. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const operate = read('docs/operate.md');

test('docs/operate.md says of every table until when it keeps what', () => {
  const tables = globSync('services/chat-service/src/*/*/tables.ts', { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(/\bpgTable\(\s*'(\w+)'/g)].map(([, name]) => name!),
  );
  const [section] = operate.split('## Data retention\n')[1]!.split(/^## /m);
  const named = [...section!.matchAll(/`([a-z_]+)(?:\.[a-z_]+)?`/g)].map(([, name]) => name!);
  expect(tables.length).toBeGreaterThan(40);
  expect(tables.filter((name) => !named.includes(name))).toEqual([]);
});

test('CONTRIBUTING.md lists whatever a feature may provide', () => {
  const [, fields] = /^export interface Feature \{\n(.*?)^\}/ms.exec(
    read('services/chat-service/src/roles/features.ts'),
  )!;
  const names = [...fields!.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name!);
  const [, table] = /\| it provides \|(.*?)\n\n/s.exec(read('CONTRIBUTING.md'))!;
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !new RegExp(`\`${name}(?:\\(app\\))?\``).test(table!))).toEqual([]);
});

test('every route that a document names in full is an operation', () => {
  const shapeOf = (path: string) => path.split('?')[0]!.replaceAll(/:\w+|\{\w+\}|[0-9a-f-]{36}/g, '*');
  const known = new Set(OPERATIONS.map(({ method, path }) => `${method} ${shapeOf(path)}`));
  const named = globSync('{README,CONTRIBUTING,docs/*,services/*/README}.md', { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/(?:admin\/)?v1\/[^`\s]*)`/g)].map(
      ([, method, path]) => `${method} ${shapeOf(path!)}`,
    ),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((route) => !known.has(route))).toEqual([]);
});

test('every metric of docs/operate.md is exported by the service that it names', () => {
  const rows = [...operate.matchAll(/^\| (`[a-z_{}`, ]+) \| (chat-service|gateway) \|/gm)];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, names, service] of rows) {
    const sources = globSync(`services/${service}/src/**/*.ts`, { cwd: root }).map(read).join('\n');
    for (const [, name] of names!.matchAll(/`([a-z_]+)/g))
      expect(sources, `${name} of ${service}`).toContain(`'${name}'`);
  }
});

test('scripts that the README names exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read('README.md').matchAll(/npm (?:run )?(start|test|bench|replay|reset|simulate|check)\b/g)].map(
    ([, name]) => name!,
  );
  expect(new Set(named).size).toBeGreaterThan(4);
  for (const name of named) expect(scripts).toHaveProperty([name]);
});
