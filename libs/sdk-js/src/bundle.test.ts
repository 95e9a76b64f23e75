import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackage } from '../build.ts';

const KIBIBYTE = 1024;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messagecore-sdk-'));
  await buildPackage(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a bundler makes of a program that is this. */
async function bundled(program: string) {
  const build = await rolldown({
    input: 'program',
    platform: 'browser',
    resolve: { alias: { '@messagecore/sdk': folder } },
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === 'program' ? id : undefined),
        load: (id) => (id === 'program' ? program : undefined),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  return { entry: chunks.find(({ isEntry }) => isEntry)?.code ?? '', chunks };
}

test('a browser gets a small bundle: no schemas, no Node, MessagePack and operations only when asked for', async () => {
  const { entry, chunks } = await bundled(`export { createClient } from '@messagecore/sdk'`);
  expect(gzipSync(entry).length).toBeGreaterThan(KIBIBYTE);
  expect(gzipSync(entry).length).toBeLessThan(16 * KIBIBYTE);
  expect(entry).not.toMatch(/["']node:|\brequire\(|ZodError|sign-in/);
  const others = chunks.filter(({ isEntry }) => !isEntry).flatMap(({ moduleIds }) => moduleIds);
  expect(others.map((id) => relative(folder, id)).toSorted()).toEqual(['msgpack.js', 'operations.js']);
  expect(chunks.map(({ code }) => code).join('\n')).not.toMatch(/["']node:|ZodError/);
});

test('what is not used is not carried', async () => {
  const { entry, chunks } = await bundled(`import '@messagecore/sdk'; console.log(1)`);
  expect([entry.trim().length < 50, chunks.length]).toEqual([true, 1]);
});

test('the package depends on nothing, and its declarations name nothing outside', async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest['dependencies']).toBeUndefined();
  expect(manifest['private']).toBeUndefined();
  for (const file of ['index.d.ts', 'index.d.cts', 'index.js', 'index.cjs', 'operations.js', 'operations.cjs']) {
    const text = await readFile(join(folder, file), 'utf8');
    expect([file, text.match(/(?:from|require\(|import\() ?["'](?!\.\/(?:msgpack|operations))/g)]).toEqual([
      file,
      null,
    ]);
  }
});
