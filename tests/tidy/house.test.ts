/** The laws of the house, held against all of it. Each rule is proved on small examples in rules/rules.test.ts. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readHouse } from './house.ts';
import { describe } from './rule.ts';
import { RULES } from './rules.ts';

const house = readHouse(resolve(import.meta.dirname, '../..'));

test('the house is read', () => {
  const folders = house.packages.map(({ folder }) => folder);
  expect(folders).toEqual(expect.arrayContaining(['protocol', 'libs/kernel', 'services/gateway', 'tests']));
  expect(house.modules.find(({ path }) => path === 'protocol/src/index.ts')?.imports.length).toBeGreaterThan(5);
});

test.each(RULES)('$law', ({ check }) => {
  const findings = check(house).map(describe);
  expect(findings, `\n${findings.join('\n')}\n`).toHaveLength(0);
});
