/** Programs that use the packed SDK, as somebody who installed it would write them. */

/** Joins, sends, receives, reads history, by itself; the name tells who it was. */
const TALK = `
async function talk({ name, cid, clientId, ...where }, more) {
  const client = createClient({ ...where, ...more, clientId: name, token: async () => where.token });
  const room = client.join(cid);
  const seen = new Promise((resolve) => room.on('message', ({ body }) => body.text === name && resolve(body.text)));
  client.connect();
  await room.joined;
  const { seq } = await room.send({ text: name }).delivered;
  const text = await seen;
  const page = await room.history({ after: seq - 1, limit: 1 });
  const { transport } = client.state;
  client.close();
  const error = new ChatError('muted');
  return [text, page.items[0].body.text, error.code, transport].join(' ');
}
`;

const IMPORT = `import { ChatError, createClient } from '@messagecore/sdk';`;
const REQUIRE = `const { ChatError, createClient } = require('@messagecore/sdk');`;
const RUN = `talk(JSON.parse(process.env.TALK), more).then((said) => console.log('said ' + said), (error) => { console.error(error); process.exit(1); });`;
const WS = { import: `import { WebSocket } from 'ws';`, require: `const { WebSocket } = require('ws');` };

/** A program for a runtime; \`more\` is an expression of further options. */
export const esm = (more = '{}', ws = false): string =>
  [IMPORT, ws ? WS.import : '', TALK, `const more = ${more};`, RUN].join('\n');
export const cjs = (more = '{}', ws = false): string =>
  [REQUIRE, ws ? WS.require : '', TALK, `const more = ${more};`, RUN].join('\n');

/** A program for a page, which says on the page what it said. */
const ON_PAGE = `
const config = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const tell = (text) => { document.title = text; };
talk(config, {}).then((said) => tell('said ' + said), (error) => tell('failed ' + error));
`;
export const page = [IMPORT, TALK, ON_PAGE].join('\n');

export const HTML = `<!doctype html><html><head><title>waiting</title></head><body><script type="module" src="./main.js"></script></body></html>`;

/** Next: one page, rendered on the server with the SDK loaded, and a client component that talks. */
export const NEXT = {
  'next.config.mjs': `export default { turbopack: { root: process.env.CONSUMERS_ROOT }, typescript: { ignoreBuildErrors: true } };`,
  'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  'app/page.js': `
import { ChatError } from '@messagecore/sdk';
import { Chat } from './chat.js';
export default function Page() { return <main><p>{'rendered ' + new ChatError('muted').code}</p><Chat /></main>; }
`,
  'app/chat.js': `'use client';
import { useEffect } from 'react';
${IMPORT}
${TALK}
const made = createClient({ url: 'wss://localhost/ws', token: 'none', clientId: 'server' });
export function Chat() {
  useEffect(() => {${ON_PAGE}}, []);
  return <p>{'client ' + made.state.phase}</p>;
}
`,
} as const;

/** A program that uses the types as strictly as they allow. */
export const TYPED = (importLine: string): string => `
${importLine}
const client: Client = createClient({ url: 'wss://chat.example.com/ws', token: async () => 'x', clientId: 'typed' });
const room: Conversation = client.join('c', { since: 0, rev: 0 });
room.on('message', ({ seq, body, reactions }) => { const n: number = seq; const b: MessageBody = body; void [n, b, reactions]; });
room.on('gap', ({ reason }: Gap) => { const r: 'expired' | 'erased' | 'restored' | 'unreadable' = reason; void r; });
client.on('warning', (warning: Warning) => void warning.kind);
const sent: Promise<{ readonly seq: number }> = room.send({ text: 'x' }).delivered;
sent.catch((error: unknown) => { if (error instanceof ChatError) { const code: ErrorCode = error.code; void code; } });
// @ts-expect-error there is no such event
client.on('nothing', () => undefined);
// @ts-expect-error a text is no number
const wrong: number = client.state.phase;
void [wrong, client.userId, room.position?.since];
`;

/** Says what two checkers of packages find wrong, as JSON. */
export const CHECKERS = `
import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
const [tarball, folder] = process.argv.slice(2);
const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
const { problems, types } = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
console.log(JSON.stringify({ messages, problems, types: types && types.kind }));
`;

export const WEBPACK = `
import webpack from 'webpack';
const [context, path] = process.argv.slice(2);
webpack({ context, mode: 'production', entry: './main.js', target: ['web', 'es2022'], output: { path, filename: 'main.js' } }, (error, stats) => {
  const failed = error ?? (stats.hasErrors() ? new Error(stats.toString()) : undefined);
  if (failed) { console.error(failed); process.exit(1); }
});
`;
export const ESBUILD = `
import { build } from 'esbuild';
const [entry, outdir] = process.argv.slice(2);
await build({ entryPoints: [entry], outdir, bundle: true, splitting: true, format: 'esm', minify: true, target: 'es2022' });
`;
export const VITE = `
import { build } from 'vite';
const [root, outDir] = process.argv.slice(2);
await build({ root, configFile: false, logLevel: 'error', base: './', build: { outDir, emptyOutDir: true } });
`;
