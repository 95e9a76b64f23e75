import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isPortFree, waitUntil } from '@messagecore/dev-servers';
import { TENANT_SETTINGS } from '@messagecore/protocol/features';
import { expect, onTestFinished, test } from 'vitest';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import type { ProductState } from './state.ts';

/** Stands for a service: ready at once, and answers what the demo asks of a chat-service. */
const SERVICE = `
  import { createServer } from 'node:http';
  import { randomUUID } from 'node:crypto';
  const { HOST, PORT, ADMIN_KEY } = process.env;
  const at = Date.now();
  const id = '0197c1de-0000-7000-8000-000000000001';
  const answers = {
    '/admin/v1/tenants': { tenantId: id, name: 'Demo', subdomain: 'demo', plan: 'enterprise', status: 'active', createdAt: at, apiKey: 'key' },
    ['/admin/v1/tenants/' + id + '/settings']: ${JSON.stringify(TENANT_SETTINGS)},
    '/v1/tokens': { token: 'token-' + randomUUID(), userId: id, expiresAt: at },
    '/v1/conversations': { cid: id, kind: 'public', name: 'Lounge', topic: null, avatar: null, metadata: {}, archived: false, history: 'all',
      createdBy: id, createdAt: at, head: 0, rev: 0, epoch: 1, first: 1, peer: null, myRole: 'owner', readPos: 0, unread: 0, lastMessage: null },
  };
  answers['/v1/conversations/' + id + '/messages'] = { cid: id, seq: 1, mid: '01ARZ3NDEKTSV4RRFFQ69G5FAV', at };
  const server = createServer((request, response) => {
    const right = !request.url.startsWith('/admin') || request.headers['x-admin-key'] === ADMIN_KEY;
    response.writeHead(!right ? 401 : request.method === 'POST' ? 201 : 200);
    response.end(JSON.stringify(answers[request.url] ?? {}));
  });
  server.listen(PORT, HOST);
  process.on('SIGTERM', () => process.exit(0));
`;

const TABLE = `import { writeFileSync } from 'node:fs'; writeFileSync(process.env.PROOF ?? '/dev/null', process.env.DATABASE_URL);`;

interface StandIns {
  readonly migrate?: string;
}

async function optionsIn(folder: string, { migrate = TABLE }: StandIns = {}): Promise<ProductOptions> {
  const script = (name: string, text: string) => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text);
    return path;
  };
  const page = join(folder, 'page');
  mkdirSync(page, { recursive: true });
  writeFileSync(join(page, 'index.html'), '<title>chat</title>');
  return {
    dataDir: join(folder, 'data'),
    portBase: await freePort(),
    gateways: 2,
    chatServices: 1,
    limits: 'load',
    programs: {
      migrate: script('migrate', migrate),
      upkeep: script('upkeep', ''),
      chatService: script('chat', SERVICE),
      gateway: script('gate', SERVICE),
    },
    webClient: async () => page,
    progress: { step: (_title, work) => work(() => {}), note: () => {} },
    signal: new AbortController().signal,
  };
}

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messagecore-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startedProduct(options: ProductOptions): Promise<Product> {
  const product = await startProduct(options);
  onTestFinished(async () => void (await product.stop()));
  return product;
}

const stateIn = ({ dataDir }: ProductOptions) =>
  JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as ProductState;

const portOf = (address: string) => Number(new URL(address).port);

test('everything runs, is told of, and stops', async () => {
  const options = await optionsIn(testFolder());
  const product = await startedProduct(options);
  const state = product.state();
  expect(stateIn(options)).toEqual(state);
  expect(state.pids.chatService).toHaveLength(1);
  expect(state.pids.gateways).toHaveLength(2);

  const page = await fetch(state.web);
  expect(await page.text()).toContain('chat');
  const demo = (await (await fetch(`${state.web}/site.json`)).json()) as {
    users: { externalId: string; token: string }[];
  };
  expect(demo.users.map(({ externalId }) => externalId)).toEqual(['alice', 'bob']);
  expect((await fetch(`${state.web}/..%2f..%2fdata/secrets.json`)).status).toBe(404);

  expect(await product.stop()).toBe(true);
  const { servers } = state;
  const addresses = [state.api, state.web, ...state.gateways, ...Object.values(servers).map(({ url }) => url)];
  for (const address of addresses) expect(await isPortFree(portOf(address))).toBe(true);
  expect(existsSync(join(options.dataDir, 'running.json'))).toBe(false);
});

test('whatever is killed comes back on its port', async () => {
  const options = await optionsIn(testFolder());
  const product = await startedProduct(options);
  const before = product.state();
  const victims = [
    before.pids.gateways[0],
    before.pids.chatService[0],
    before.servers.nats.pid,
    before.servers.postgres.pid,
  ];
  for (const pid of victims) process.kill(pid ?? 0, 'SIGKILL');

  await waitUntil('four new processes', () => {
    const { pids, servers } = stateIn(options);
    const now = [...pids.gateways, ...pids.chatService, servers.nats.pid, servers.postgres.pid];
    return now.length === 5 && now.every((pid) => pid !== null && !victims.includes(pid));
  });
  const after = product.state();
  expect({ ...after, pids: null, servers: null }).toEqual({ ...before, pids: null, servers: null });
  expect(after.pids.gateways[1]).toBe(before.pids.gateways[1]);
  const ready = `${before.gateways[0]?.replace('ws:', 'http:').replace('/ws', '')}/ready`;
  await waitUntil('the gateway to answer', () =>
    fetch(ready).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});

test('a second start finds the tenant, the keys and the data of the first', async () => {
  const options = await optionsIn(testFolder());
  const first = await startedProduct(options);
  const before = first.state();
  await first.stop();
  const after = (await startedProduct(options)).state();
  const { tenantId, apiKey, adminKey, servers } = before;
  expect(after).toMatchObject({ tenantId, apiKey, adminKey });
  expect(after.servers.postgres.url).toBe(servers.postgres.url);
});

test('a step that fails stops what came before it and says why', async () => {
  const options = await optionsIn(testFolder(), { migrate: `console.error('column "x" is wrong'); process.exit(1)` });
  await expect(startProduct(options)).rejects.toThrow('column "x" is wrong');
  for (let port = options.portBase; port < options.portBase + 7; port += 1) expect(await isPortFree(port)).toBe(true);
});

test('a start that is called off ends after the step that it is at', async () => {
  const stopping = new AbortController();
  const options = await optionsIn(testFolder());
  const steps: string[] = [];
  const progress: ProductOptions['progress'] = {
    note: () => {},
    step: (title, work) => {
      steps.push(title);
      stopping.abort(new Error('called off'));
      return work(() => {});
    },
  };
  await expect(startProduct({ ...options, progress, signal: stopping.signal })).rejects.toThrow('called off');
  expect(steps).toEqual(['PostgreSQL']);
  expect(await isPortFree(options.portBase + 4)).toBe(true);
});
