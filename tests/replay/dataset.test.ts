import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readChannels } from './dataset.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mc-dataset-'));
});
afterAll(() => rm(folder, { recursive: true }));

const lines = [
  { i: 0, channel: '#a', from: 'ann', text: 'first', at: '2010-01-01T00:00:00Z' },
  { i: 1, channel: '#b', from: 'bob', text: '你好\u2028', at: null },
  { i: 2, channel: '#a', from: 'bob', text: ' second ', at: '2010-01-01T00:01:00Z' },
];
const jsonl = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test.each([
  ['plain', 'a.jsonl', jsonl],
  ['compressed', 'a.jsonl.gz', gzipSync(jsonl)],
])('a %s file is grouped by channel in its order, texts untouched', async (_kind, name, content) => {
  const channels = await readChannels(await file(name, content));
  expect(channels).toEqual([
    {
      name: '#a',
      authors: new Set(['ann', 'bob']),
      lines: [
        { index: 0, channel: '#a', author: 'ann', text: 'first', at: Date.UTC(2010, 0, 1) },
        { index: 2, channel: '#a', author: 'bob', text: ' second ', at: Date.UTC(2010, 0, 1, 0, 1) },
      ],
    },
    {
      name: '#b',
      authors: new Set(['bob']),
      lines: [{ index: 1, channel: '#b', author: 'bob', text: '你好\u2028', at: undefined }],
    },
  ]);
});

test('the limit counts lines of the file', async () => {
  const channels = await readChannels(await file('b.jsonl', jsonl), 2);
  expect(channels.map((channel) => channel.lines.length)).toEqual([1, 1]);
});

test.each([
  ['not JSON', '{"channel":'],
  ['a field is missing', '{"channel":"#a","from":"ann"}'],
  ['a text is empty', '{"channel":"#a","from":"ann","text":""}'],
  ['a number in place of a text', '{"channel":"#a","from":1,"text":"x"}'],
])('a bad line is named: %s', async (_what, bad) => {
  await expect(readChannels(await file('c.jsonl', `${jsonl}${bad}\n`))).rejects.toThrow(/c\.jsonl:4/);
});

test('a missing file is an error', async () => {
  await expect(readChannels(join(folder, 'none.jsonl.gz'))).rejects.toThrow(/ENOENT/);
});
