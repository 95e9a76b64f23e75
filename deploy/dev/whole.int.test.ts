import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitUntil } from '@messagecore/dev-servers';
import { type Client, createClient } from '@messagecore/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { type Product, startProduct } from './product.ts';
import { PROGRAMS } from './services.ts';

/** The product as people start it, but for the page. */
async function startedProduct(): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'messagecore-whole-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const product = await startProduct({
    dataDir: folder,
    portBase: await freePort(),
    gateways: 2,
    chatServices: 2,
    limits: 'load',
    programs: PROGRAMS,
    webClient: async () => folder,
    progress: { step: (_title, work) => work(() => {}), note: () => {} },
    signal: new AbortController().signal,
  });
  onTestFinished(async () => void (await product.stop()));
  return product;
}

interface DemoJson {
  readonly api: string;
  readonly gateways: readonly string[];
  readonly cid: string;
  readonly users: readonly { externalId: string; token: string }[];
}

/** One of the demo's people, on the given gateway first. */
function signIn({ api, gateways, users }: DemoJson, name: string, first: number): Client {
  const token = users.find(({ externalId }) => externalId === name)?.token ?? '';
  const url = [...gateways.slice(first), ...gateways.slice(0, first)];
  const client = createClient({ api, url, token: () => Promise.resolve(token), clientId: `${name}-test` });
  onTestFinished(() => client.close());
  return client.connect();
}

test('two people keep talking while every process is killed under them', { timeout: 180_000 }, async () => {
  const product = await startedProduct();
  const { web } = product.state();
  const demo = (await (await fetch(`${web}/site.json`)).json()) as DemoJson;
  const alice = signIn(demo, 'alice', 0);
  const bob = signIn(demo, 'bob', 1);
  const heard: unknown[] = [];
  bob.join(demo.cid, { since: 0 }).on('message', ({ body }) => heard.push(body['text']));
  const room = alice.join(demo.cid);

  const said: string[] = [];
  const say = async (text: string) => {
    said.push(text);
    await room.send({ text }).delivered;
    await waitUntil(`"${text}" to arrive`, () => heard.includes(text));
  };
  await say('hello');
  const { pids, servers } = product.state();
  const victims = Object.entries({
    'a gateway': pids.gateways[0],
    'the other gateway': pids.gateways[1],
    'a chat-service': pids.chatService[0],
    'the other chat-service': pids.chatService[1],
    NATS: servers.nats.pid,
    PostgreSQL: servers.postgres.pid,
    Redis: servers.redis.pid,
  });
  for (const [name, pid] of victims) {
    process.kill(pid ?? 0, 'SIGKILL');
    await say(`after the death of ${name}`);
  }
  expect(heard.slice(-said.length)).toEqual(said);
});
