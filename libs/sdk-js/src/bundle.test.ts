import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

const KIBIBYTE = 1024;

test('a browser gets a small bundle: no schemas, no Node, and MessagePack only when it is asked for', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      lib: { entry: join(import.meta.dirname, 'index.ts'), formats: ['es'], fileName: 'sdk' },
    },
  });
  const [output] = Array.isArray(result) ? result : [];
  const chunks = (output?.output ?? []).flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const entry = chunks.find(({ isEntry }) => isEntry);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.filter((id) => /node_modules\/zod|browser-external|node:/.test(id))).toEqual([]);
  expect(entry?.moduleIds.filter((id) => id.includes('msgpack'))).toEqual([]);
  expect(gzipSync(entry?.code ?? '').length).toBeGreaterThan(KIBIBYTE);
  expect(gzipSync(entry?.code ?? '').length).toBeLessThan(14 * KIBIBYTE);
});
