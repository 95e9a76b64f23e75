/** The laws of the repository, held against all of it. Each rule is proved on small examples in rules/rules.test.ts. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readRepository } from './repository.ts';
import { describe } from './rule.ts';
import { RULES } from './rules.ts';

const repository = readRepository(resolve(import.meta.dirname, '../..'));

test('the repository is read', () => {
  const folders = repository.packages.map(({ folder }) => folder);
  expect(folders).toEqual(expect.arrayContaining(['protocol', 'libs/kernel', 'services/gateway', 'tests']));
  expect(repository.modules.find(({ path }) => path === 'protocol/src/index.ts')?.imports.length).toBeGreaterThan(5);
});

test.each(RULES)('$law', ({ check }) => {
  const findings = check(repository).map(describe);
  expect(findings, `\n${findings.join('\n')}\n`).toHaveLength(0);
});
