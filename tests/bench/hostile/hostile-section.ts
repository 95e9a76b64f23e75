import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { BEHAVIOURS, type BehaviourName, type Member } from '../../hostile/member/behaviours.ts';
import type { Seen } from '../../hostile/member/seen.ts';
import { percentile } from '../measure/percentile.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import type { BenchContext, Section } from '../section.ts';
import { type ProductCpu, productCpu } from '../stack/cpu.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { BystanderPlan, Delays } from './bystander-process.ts';
import { more, present, type Trial } from './present-hostile.ts';
import { type Memory, memoryOf, watchMemory } from './resident-memory.ts';

type Bystanders = MeasuredProcess<{
  come: (plan: BystanderPlan) => Promise<void>;
  live: (seconds: number) => Promise<Delays>;
}>;
type Hostile = MeasuredProcess<{
  come: (member: Member) => Promise<void>;
  begin: (names: readonly BehaviourName[]) => void;
  end: (nothing: undefined) => Promise<Seen>;
}>;

const PAIRS = 20;
/** Conversations that a bystander joins in turn. */
const JOINED = 100;
/** The hostile member's tenant: 100,000 memberships, 500 of them its own. */
const CROWD = { users: 200, conversations: 2_000, conversationsPerUser: 500 };
const SMALL_CROWD = { users: 50, conversations: 100, conversationsPerUser: 50 };
/** Long enough for the product's code to be compiled and its caches to be filled. */
const WARM_UP_SECONDS = { full: 20, quick: 1 };
/** Each behaviour in so many rounds, each with a quiet phase and a hostile one of so many seconds. */
const ROUNDS = { full: 5, quick: 1 };
const PHASE_SECONDS = { full: 2, quick: 0.5 };
/** Between phases, for what is under way to begin or to end. */
const SETTLE_MS = { full: 700, quick: 200 };
const QUICK: readonly (readonly BehaviourName[])[] = [['edits'], ['lists and pages']];

const NONE: ProductCpu = { gateways: 0, chatService: 0, postgres: 0, nats: 0 };

const names = Object.keys(BEHAVIOURS) as BehaviourName[];
/** Each alone, then all of them. The first, nothing, is the control. */
const FULL: readonly (readonly BehaviourName[])[] = [...names.map((name) => [name]), names];

export const hostileSection: Section = {
  id: 'hostile',
  title: 'One hostile member, at the rates allowed: what other tenants notice',
  run: (context) => measureHostile(context, context.quick ? QUICK : FULL),
};

/** Each of `trials` is a set of behaviours that go on together. */
async function measureHostile(context: BenchContext, trials: readonly (readonly BehaviourName[])[]) {
  const size = context.quick ? 'quick' : 'full';
  const product = await startProduct(context, {
    moreChatServices: [{}],
    settings: { LIMITS: 'production', TRUSTED_PROXIES: '1' },
  });
  const { bystanders, hostile } = await bringTogether(context, product);
  context.say('warming up');
  await bystanders.ask('live', WARM_UP_SECONDS[size]);
  const begin = memoryOf(product);
  const results: Trial[] = [];
  for (const behaviours of trials) {
    const trial: Trial = {
      name: behaviours.length === 1 ? (behaviours[0] ?? '') : 'all of these together',
      quiet: { deliveries: [], joins: [], pages: [], complaints: [] },
      hostile: { deliveries: [], joins: [], pages: [], complaints: [] },
      seen: [],
      grown: {},
      cpu: { quiet: NONE, hostile: NONE },
    };
    for (let round = 0; round < ROUNDS[size]; round += 1) {
      const start = await productCpu(product);
      add(trial.quiet, await bystanders.ask('live', PHASE_SECONDS[size]));
      trial.cpu.quiet = sum(trial.cpu.quiet, start, await productCpu(product));
      await hostile.ask('begin', behaviours);
      using _ = watchMemory(product, (memory) => (trial.grown = mostOf(trial.grown, since(begin, memory))));
      await sleep(SETTLE_MS[size]);
      const settled = await productCpu(product);
      add(trial.hostile, await bystanders.ask('live', PHASE_SECONDS[size]));
      trial.cpu.hostile = sum(trial.cpu.hostile, settled, await productCpu(product));
      trial.seen.push(await hostile.ask('end', undefined));
      await sleep(SETTLE_MS[size]);
    }
    results.push(trial);
    const { sent } = trial.seen.reduce((most, one) => (one.sent > most.sent ? one : most));
    context.say(`${trial.name}: ${sent} sent, ${describe(trial)}`);
  }
  return { ...present(results), versions: product.versions };
}

function describe({ quiet, hostile, seen, grown, cpu }: Trial): string {
  const p99 = (values: readonly number[]) => percentile(values, 0.99).toFixed(1);
  const parts = (['deliveries', 'joins', 'pages'] as const).map(
    (k) => `${k} ${p99(quiet[k])} -> ${p99(hostile[k])} ms`,
  );
  const most = Math.max(...Object.values(grown)) / 1024 ** 2;
  return `${parts.join(', ')}; +${most.toFixed(0)} MiB; CPU ${more(cpu)}; answers ${JSON.stringify(seen.at(-1)?.answers)}`;
}

function sum(total: ProductCpu, from: ProductCpu, to: ProductCpu): ProductCpu {
  const used = (part: keyof ProductCpu) => total[part] + to[part] - from[part];
  return {
    gateways: used('gateways'),
    chatService: used('chatService'),
    postgres: used('postgres'),
    nats: used('nats'),
  };
}

function add(to: Delays, more: Delays): void {
  for (const part of ['deliveries', 'joins', 'pages'] as const) to[part].push(...more[part]);
  to.complaints.push(...more.complaints);
}

function since(begin: Memory, now: Memory): Memory {
  return Object.fromEntries(Object.entries(now).map(([name, bytes]) => [name, bytes - (begin[name] ?? 0)]));
}

function mostOf(one: Memory, other: Memory): Memory {
  return Object.fromEntries(
    Object.entries(other).map(([name, bytes]) => [name, Math.max(bytes, one[name] ?? -Infinity)]),
  );
}

async function bringTogether(context: BenchContext, product: Product) {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  const crowd = context.quick ? SMALL_CROWD : CROWD;
  context.say(`creating a tenant of ${crowd.users} users with ${crowd.conversationsPerUser} conversations each`);
  const bad = await populate(sql, crowd);
  const good = await populate(sql, { users: PAIRS * 2, conversations: PAIRS, conversationsPerUser: 1 });
  const wide = await populate(sql, { users: 1, conversations: JOINED, conversationsPerUser: JOINED });
  await sql.end();
  const [near, far] = product.gateways.map(socketUrl);
  const token = (tid: string, user: string | undefined) => tokenFor(product.jwtSecret, tid, user ?? '');
  const apis = product.chatServices.map(({ url }) => url);

  const bystanders: Bystanders = new MeasuredProcess('bystanders', join(import.meta.dirname, 'bystander-process.ts'));
  context.cleanup.defer(() => bystanders.stop());
  const wideToken = token(wide.tid, wide.users[0]);
  const goodToken = token(good.tid, good.users[0]);
  await bystanders.ask('come', {
    pairs: good.conversations.map((cid, at) => ({
      cid,
      sendAt: `${near}?token=${token(good.tid, good.users[at])}`,
      receiveAt: `${far}?token=${token(good.tid, good.users[at + PAIRS])}`,
    })),
    joiner: { url: `${far}?token=${wideToken}`, cids: wide.conversations },
    pages: {
      asked: apis.flatMap((api) => [
        { url: `${api}/v1/conversations?limit=20`, token: wideToken },
        { url: `${api}/v1/conversations/${good.conversations[0]}/messages?limit=20`, token: goodToken },
      ]),
      address: '192.0.2.1',
    },
  });

  const hostile: Hostile = new MeasuredProcess('hostile member', join(import.meta.dirname, 'hostile-process.ts'));
  context.cleanup.defer(() => hostile.stop());
  await hostile.ask('come', {
    gateways: [near ?? '', far ?? ''],
    apis,
    token: token(bad.tid, bad.users[0]),
    address: '192.0.2.2',
    cids: bad.conversationsOf(0).map((at) => bad.conversations[at] ?? ''),
    others: bad.users.slice(1),
  });
  return { bystanders, hostile };
}
