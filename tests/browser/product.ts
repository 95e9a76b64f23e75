import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@messagecore/dev-servers';
import type { Conversation } from '@messagecore/protocol/features';
import { type Answer, call, must, newMid } from '@messagecore/testkit';
import { type Product, startProduct } from '../../deploy/dev/product.ts';
import { PROGRAMS } from '../../deploy/dev/services.ts';
import { builtWebClient } from '../../deploy/dev/web-build.ts';

export interface RunningProduct {
  readonly product: Product;
  stop(): Promise<void>;
}

/** The product as `npm start` runs it, with data and ports of its own. */
export async function runProduct(): Promise<RunningProduct> {
  const folder = await mkdtemp(join(tmpdir(), 'messagecore-browser-'));
  // PostgreSQL may run as another account than ours.
  await chmod(folder, 0o755);
  const product = await startProduct({
    dataDir: folder,
    portBase: await freePort(),
    gateways: 2,
    chatServices: 1,
    limits: 'production',
    programs: PROGRAMS,
    webClient: builtWebClient,
    progress: { step: (_title, work) => work(() => {}), note: () => {} },
    signal: new AbortController().signal,
  });
  const stop = async () => {
    await product.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { product, stop };
}

type Line = readonly [from: string, text: string];

/** Makes a conversation in the demo tenant as its back end would, and lets people talk in it. */
export async function converse(product: Product, name: string, lines: readonly Line[]): Promise<string> {
  const { api, apiKey } = product.state();
  const as = (user: string) => ({ 'x-api-key': apiKey, 'x-on-behalf-of': `ext:${user}` });
  const people = [...new Set(['alice', 'bob', ...lines.map(([from]) => from)])];
  for (const user of people) {
    const body = { user: `ext:${user}`, displayName: user.charAt(0).toUpperCase() + user.slice(1) };
    await must('POST', `${api}/v1/tokens`, { headers: { 'x-api-key': apiKey }, body });
  }
  const { cid } = await must<Conversation>('POST', `${api}/v1/conversations`, {
    headers: as('alice'),
    body: { kind: 'private', name, participants: people.map((user) => `ext:${user}`) },
  });
  await speak(product, cid, lines);
  return cid;
}

/** Lets people talk in a conversation, or in one of its threads. */
export async function speak(
  product: Product,
  cid: string,
  lines: readonly Line[],
  place: { readonly threadRoot?: number } = {},
): Promise<void> {
  const { api, apiKey } = product.state();
  for (const [from, text] of lines) {
    const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': `ext:${from}` };
    const body = { mid: newMid(), kind: 'text', body: { text }, ...place };
    await withRetries(() => call('POST', `${api}/v1/conversations/${cid}/messages`, { headers, body }));
  }
}

/** Waits and asks again when there was too much at once. */
async function withRetries(ask: () => Promise<Answer<unknown>>): Promise<void> {
  for (;;) {
    const { status, body } = await ask();
    if (status < 300) return;
    if (body.code !== 'rate_limited') throw new Error(`${status} ${JSON.stringify(body)}`);
    await sleep(body.retryAfterMs ?? 0);
  }
}
