import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../deploy/k6');
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
const files = [...scripts, ...readdirSync(join(FOLDER, 'lib')).map((name) => `lib/${name}`)];
const hasK6 = spawnSync('k6', ['version']).status === 0;
/** Part of the name of what is left out. */
const NEEDS_K6 = hasK6 ? '' : ' (left out: there is no k6 on this machine)';

describe.each(files)('deploy/k6/%s', (file) => {
  const { errors, module } = parseSync(file, read(file));

  test('parses, and imports nothing but k6 and its neighbours', () => {
    expect(errors).toEqual([]);
    for (const { moduleRequest } of module.staticImports) {
      if (moduleRequest.value.startsWith('k6')) continue;
      expect(files).toContain(join(file, '..', moduleRequest.value));
    }
  });
});

describe.each(scripts)('deploy/k6/%s', (file) => {
  test('names in its first lines every setting that it reads', () => {
    const settings = [...read(file).matchAll(/number\('(\w+)'/g)].map(([, name]) => name);
    const comment = read(file).split('*/', 1)[0];
    for (const name of settings) expect(comment).toContain(name);
    expect(read('README.md')).toContain(file);
  });

  test.runIf(hasK6)(`has the thresholds of the SLOs, as k6 reads it${NEEDS_K6}`, () => {
    const { stdout, stderr } = spawnSync('k6', ['inspect', join(FOLDER, file)], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { scenarios, thresholds } = JSON.parse(stdout) as {
      scenarios: Record<string, { exec: string }>;
      thresholds: Record<string, string[]>;
    };
    for (const name of ['lost', 'repeated', 'errors']) expect(thresholds[name]).toEqual(['count==0']);
    expect(thresholds['delivery'] ?? thresholds['acked']).toEqual(['p(50)<=150', 'p(99)<=800']);
    for (const { exec } of Object.values(scenarios)) expect(read(file)).toContain(`export async function ${exec}(`);
  });
});
