/** The packed SDK, installed in fresh projects and used against a running product. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { type Consumers, installConsumers } from './consumers.ts';
import { openPages, type Pages } from './pages.ts';
import { CHECKERS, cjs, ESBUILD, esm, HTML, NEXT, page, TYPED, VITE, WEBPACK } from './programs.ts';

/** Bundlers and compilers beside each other on a slow machine. */
vi.setConfig({ testTimeout: 300_000 });

let system: System;
let pages: Pages;
let consumers: Consumers | undefined;
let whyNot = '';
/** What a program needs to know to talk. */
let talk: (name: string) => Record<string, string>;

beforeAll(async () => {
  const [started, installing, opening] = await Promise.allSettled([startSystem(), installConsumers(), openPages()]);
  for (const outcome of [started, opening]) if (outcome.status === 'rejected') throw outcome.reason;
  if (started.status === 'fulfilled') system = started.value;
  if (opening.status === 'fulfilled') pages = opening.value;
  if (installing.status === 'fulfilled') consumers = installing.value;
  else if (/E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|TIMEDOUT|NOTCACHED)/.test(String(installing.reason)))
    whyNot = `the packages to try it with cannot be fetched: ${String(installing.reason).slice(0, 300)}`;
  else throw installing.reason;
  const { cid, users } = await newRoom(system, 'ann');
  talk = (name) => ({ url: system.ws(), api: system.api, token: users.ann.token, cid, name });
}, 400_000);
afterAll(async () => {
  await pages?.close();
  await consumers?.remove();
  await system?.stop();
});

/** The installed projects; skips the test, saying why, when they could not be had. */
function installed(context: TestContext): Consumers {
  return consumers ?? context.skip(whyNot);
}

/** A program among what is installed; skips the test when there is none for this machine. */
async function runtime(context: TestContext, path: string): Promise<string> {
  const program = await installed(context).program(path);
  return program ?? context.skip(`${path} is not made for ${process.platform} ${process.arch}`);
}

const said = (name: string, transport = 'ws') => `said ${name} ${name} muted ${transport}`;

/** Runs a program in a project of its own and expects it to have talked. */
async function expectTalk(context: TestContext, runner: readonly string[], file: string, text: string, how = 'ws') {
  const { project, run } = installed(context);
  const name = context.task.name.replaceAll(/\W+/g, '-');
  const own = await project(name, { [file]: text });
  const [command = '', ...args] = runner;
  const out = await run(command, [...args, join(own, file)], { cwd: own, env: { TALK: JSON.stringify(talk(name)) } });
  expect(out.trim()).toBe(said(name, how));
}

test('publint and arethetypeswrong find nothing', async (context) => {
  const { tarball, folder, project, run } = installed(context);
  const own = await project('checkers', { 'check.mjs': CHECKERS });
  const args = [join(own, 'check.mjs'), tarball, join(folder, 'node_modules/@messagecore/sdk')];
  expect(JSON.parse(await run(process.execPath, args))).toEqual({ messages: [], problems: [], types: 'included' });
});

describe('runtimes', () => {
  const NODES = { 20: 'node-20-linux-x64/bin/node', 22: 'node-22-linux-x64/bin/node', 24: undefined };
  for (const [version, path] of Object.entries(NODES)) {
    const node = async (context: TestContext) => [path === undefined ? process.execPath : await runtime(context, path)];
    // Node 20 has no WebSocket of its own.
    const isOld = version === '20';
    const options = (more: string) => (isOld ? `{ WebSocket, ${more} }` : `{ ${more} }`);
    test(`Node ${version}, ES modules`, async (context) => {
      await expectTalk(context, await node(context), 'main.mjs', esm(options(''), isOld));
    });
    test(`Node ${version}, CommonJS`, async (context) => {
      await expectTalk(context, await node(context), 'main.cjs', cjs(options(''), isOld));
    });
    test(`Node ${version}, MessagePack from ES modules`, async (context) => {
      await expectTalk(context, await node(context), 'main.mjs', esm(options(`encoding: 'msgpack'`), isOld));
    });
    test(`Node ${version}, MessagePack from CommonJS`, async (context) => {
      await expectTalk(context, await node(context), 'main.cjs', cjs(options(`encoding: 'msgpack'`), isOld));
    });
  }
  test('Node 20 without a WebSocket uses event streams', async (context) => {
    await expectTalk(context, [await runtime(context, NODES[20])], 'main.mjs', esm('{}'), 'sse');
  });
  test('Bun', async (context) => {
    await expectTalk(context, [await runtime(context, '@oven/bun-linux-x64/bin/bun')], 'main.mjs', esm(`{}`));
  });
  test('Deno', async (context) => {
    const deno = await runtime(context, '@deno/linux-x64-glibc/deno');
    await expectTalk(context, [deno, 'run', '-A', '--no-lock', '--node-modules-dir=manual'], 'main.mjs', esm(`{}`));
  });
});

describe('bundlers', () => {
  const BUNDLERS = {
    Vite: { script: VITE, args: (own: string, out: string) => [own, out] },
    webpack: { script: WEBPACK, args: (own: string, out: string) => [own, out] },
    esbuild: { script: ESBUILD, args: (own: string, out: string) => [join(own, 'main.js'), out] },
  };
  for (const [name, { script, args }] of Object.entries(BUNDLERS))
    test(`${name}, in a browser`, async (context) => {
      const { project, run } = installed(context);
      const own = await project(name, { 'main.js': page, 'index.html': HTML, 'build.mjs': script });
      const out = await project(`${name}-built`, { 'index.html': HTML });
      await run(process.execPath, [join(own, 'build.mjs'), ...args(own, out)], { cwd: own });
      expect(await pages.serve(out, talk(name))).toBe(said(name));
    });
});

test('Next: rendered on the server, used in a browser', async (context) => {
  const { project, run, root, program } = installed(context);
  const own = await project('next', NEXT);
  const cli = await program('next/dist/bin/next');
  const env = { CONSUMERS_ROOT: root, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  await run(process.execPath, [cli ?? '', 'build'], { cwd: own, env });
  const { html, title } = await pages.startAndOpen([cli ?? '', 'start'], { cwd: own, env }, talk('Next'));
  expect(html).toContain('rendered muted');
  expect(html).toContain('client idle');
  expect(title).toBe(said('Next'));
});

describe('TypeScript', () => {
  const NAMES =
    'ChatError, createClient, type Client, type Conversation, type ErrorCode, type Gap, type MessageBody, type Warning';
  const IMPORT = `import { ${NAMES} } from '@messagecore/sdk';`;
  const strict = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
  };
  const base = { ...strict, target: 'es2022', lib: ['es2022', 'dom'], types: [] };
  const WAYS = {
    node10: { file: 'main.ts', options: { module: 'commonjs', moduleResolution: 'node10' } },
    'node16, CommonJS': { file: 'main.cts', options: { module: 'node16' } },
    'node16, ES modules': { file: 'main.mts', options: { module: 'node16' } },
    nodenext: { file: 'main.mts', options: { module: 'nodenext' } },
    bundler: { file: 'main.ts', options: { module: 'esnext', moduleResolution: 'bundler' } },
  };
  for (const version of [5, 6, 7])
    for (const [name, { file, options }] of Object.entries(WAYS)) {
      // It is deprecated in 6 and gone in 7; the other ways are the same in 6 as before and after it.
      if (version === (name === 'node10' ? 7 : 6)) continue;
      test(`TypeScript ${version}, ${name}`, async (context) => {
        const { project, run, program } = installed(context);
        const ignored = version === 6 && name === 'node10' ? { ignoreDeprecations: '6.0' } : {};
        const config = { compilerOptions: { ...base, ...options, ...ignored }, files: [file] };
        const own = await project(`typed-${version}-${name.replaceAll(/\W+/g, '-')}`, {
          [file]: TYPED(IMPORT),
          'tsconfig.json': JSON.stringify(config),
        });
        const tsc = (await program(`typescript-${version}/bin/tsc`)) ?? '';
        expect(await run(process.execPath, [tsc, '-p', own], { cwd: own })).toBe('');
      });
    }
});
