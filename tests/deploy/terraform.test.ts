/** The example for AWS: the real Terraform parses it, where there is one, and what it names is declared. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../deploy/terraform/aws');
const text = globSync('*.tf', { cwd: folder })
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

function hasTerraform(): boolean {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const NEEDS_TERRAFORM = hasTerraform() ? '' : ' (left out: there is no terraform on this machine)';

test.runIf(hasTerraform())(`Terraform parses it, and would not write it otherwise${NEEDS_TERRAFORM}`, () => {
  // It prints the names of files that it would change, and fails when one cannot be parsed.
  expect(execFileSync('terraform', ['fmt', '-check', '-recursive', folder], { encoding: 'utf8' })).toBe('');
});

test('variables and resources that are named are declared, and no variable is there for nothing', () => {
  const named = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => name!));
  const variables = named(/^variable "(\w+)"/gm);
  expect(named(/\bvar\.(\w+)/g)).toEqual(variables);
  const declared = new Set(
    [...text.matchAll(/^(?:resource|data) "(\w+)" "(\w+)"/gm)].map(([, type, name]) => `${type}.${name}`),
  );
  expect(declared.size).toBeGreaterThan(10);
  for (const name of named(/(?<!")\b(aws_\w+\.\w+)/g)) expect(declared, name).toContain(name);
});

test('nothing is open to the internet, nothing is in clear, and PostgreSQL can be left', () => {
  expect(text).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
  expect(text).toMatch(/publicly_accessible +?= false/);
  for (const setting of ['storage_encrypted', 'at_rest_encryption_enabled', 'transit_encryption_enabled', 'multi_az'])
    expect(text).toMatch(new RegExp(`${setting} += true`));
  expect(text).toMatch(/"rds\.force_ssl"\s+value = "1"/);
  expect(text).toMatch(/"rds\.logical_replication"\s+value +?= "1"/);
});
