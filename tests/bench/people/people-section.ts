import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { median } from '../measure/median.ts';
import { figure } from '../report/svg.ts';
import type { Row, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import { type Product, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import { type Cost, perRound, totals } from './counted.ts';
import { inboxRows, measureInbox } from './inbox-pairs.ts';
import { openPerson, type Person } from './person.ts';

const SIZES = {
  full: { participants: 10_000, conversations: 5_000 },
  quick: { participants: 300, conversations: 200 },
};
const SMALL = { participants: 10, conversations: 10 };
const ROUNDS = { full: 40, quick: 1 };
/** Told at most once a second: the next message waits for longer, so that its delay is not that pause. */
const PAUSE_MS = 1_300;
const WARM_UP = { full: 1, quick: 0 };
const TOLD_ROUNDS = { full: 10, quick: 1 };

export const peopleSection: Section = {
  id: 'people',
  title: 'Many participants, many conversations: what they cost',
  run: async (context) => {
    const product = await startProduct(context);
    const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
    context.cleanup.defer(() => sql.end());
    const size = context.quick ? 'quick' : 'full';
    context.say(`writing ${SIZES[size].participants} participants and ${SIZES[size].conversations} conversations`);
    const [large, small] = [await crowd(product, sql, SIZES[size]), await crowd(product, sql, SMALL)];
    await sql`create extension if not exists pg_stat_statements`;
    const rows: Row[] = [];
    for (const { what, run, pauseMs = 0 } of MEASURES) {
      const rounds = (pauseMs > 0 ? TOLD_ROUNDS : ROUNDS)[size];
      const [ours, theirs] = await inTurns(sql, [large, small], run, { rounds, warmUp: WARM_UP[size], pauseMs });
      context.say(`${what}: ${describe(ours)} against ${describe(theirs)}`);
      rows.push(rowOf(what, ours, theirs));
    }
    for (const { near, far } of [large, small]) for (const person of [near, far]) person.end();
    const pairs = await measureInbox(context, product, sql);
    return { ...present([...rows, ...inboxRows(pairs)]), versions: product.versions };
  },
};

/** A conversation with so many participants, and a user with so many conversations; each with a session at both gateways. */
interface Crowd {
  /** Takes part in all: the sender. */
  readonly near: Person;
  /** Takes part in all, has joined none, and has asked for `inbox` frames. */
  readonly far: Person;
  readonly crowded: string;
  readonly own: readonly string[];
}

async function crowd(product: Product, sql: Sql, plan: typeof SMALL): Promise<Crowd> {
  const many = await populate(sql, { users: plan.participants, conversations: 1, conversationsPerUser: 1 });
  const [near = '', far = ''] = many.users;
  const own = Array.from({ length: plan.conversations }, () => crypto.randomUUID());
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, name, created_by)
    select id, ${many.tid}::uuid, 'public', 'room', ${near}::uuid from unnest(${own}::uuid[]) as id`;
  await sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select c, u, ${many.tid}::uuid from unnest(${own}::uuid[]) as c, unnest(${[near, far]}::uuid[]) as u`;
  await sql`vacuum analyze`;
  const [first, second] = product.gateways.map(socketUrl);
  const api = product.chatService.url;
  const token = (user: string) => tokenFor(product.jwtSecret, many.tid, user);
  return {
    near: await openPerson({ url: first ?? '', api, token: token(near) }),
    far: await openPerson({ url: second ?? '', api, token: token(far), inbox: true }),
    crowded: many.conversations[0] ?? '',
    own,
  };
}

interface Measure {
  readonly what: string;
  readonly run: (crowd: Crowd, round: number) => Promise<void>;
  readonly pauseMs?: number;
}

/** As many on both sides: what a gateway holds already is joined by one question less. */
const of = (list: readonly string[], round: number) => list[round % SMALL.conversations] ?? '';

const MEASURES: readonly Measure[] = [
  {
    what: 'become a participant and leave, in the conversation of many',
    async run({ near, crowded }) {
      await near.request('POST', `/v1/conversations/${crowded}/leave`);
      await near.request('POST', `/v1/conversations/${crowded}/join`);
    },
  },
  { what: 'join it', run: async ({ near, crowded }) => (near.leave(crowded), near.join(crowded)) },
  { what: 'send to it', run: async ({ near, crowded }) => void (await near.send(crowded)) },
  {
    what: 'list 50 of its participants',
    run: async ({ near, crowded }) =>
      void (await near.request('GET', `/v1/conversations/${crowded}/participants?limit=50`)),
  },
  {
    what: 'be told of a message in it by `inbox`',
    pauseMs: PAUSE_MS,
    run: async ({ near, far, crowded }) => far.told(crowded, await near.send(crowded)),
  },
  {
    what: 'list 10 conversations, as the user of many',
    run: async ({ near }) => void (await near.request('GET', '/v1/conversations?limit=10')),
  },
  { what: 'join one of them', run: async ({ near, own }, n) => (near.leave(of(own, n)), near.join(of(own, n))) },
  { what: 'send to one of them', run: async ({ near, own }, n) => void (await near.send(of(own, n))) },
  {
    what: 'be told of a message in one of them by `inbox`',
    pauseMs: PAUSE_MS,
    run: async ({ near, far, own }, n) => far.told(of(own, n), await near.send(of(own, n))),
  },
];

/** The same on both sides, one after the other in each round, after some that only warm up. */
async function inTurns(
  sql: Sql,
  sides: readonly [Crowd, Crowd],
  run: Measure['run'],
  { rounds, warmUp, pauseMs }: { readonly rounds: number; readonly warmUp: number; readonly pauseMs: number },
): Promise<[Cost, Cost]> {
  const costs = sides.map(() => ({ times: [] as number[], statements: 0, pages: 0 }));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [n, side] of sides.entries()) {
      const cost = costs[n];
      await sleep(pauseMs);
      const before = await totals(sql);
      const startedAt = performance.now();
      await run(side, round + 1);
      const ms = performance.now() - startedAt;
      // What follows the answer, such as the outbox's row, belongs to it.
      await sleep(SETTLE_MS);
      const { statements, pages } = perRound(before, await totals(sql), rounds);
      if (round < 0 || cost === undefined) continue;
      cost.times.push(ms);
      cost.statements += statements;
      cost.pages += pages;
    }
  }
  const [ours, theirs] = costs.map(({ times, statements, pages }) => ({ ms: median(times), statements, pages }));
  return [ours ?? NONE, theirs ?? NONE];
}

const SETTLE_MS = 60;
const NONE: Cost = { ms: 0, statements: 0, pages: 0 };

function describe({ ms, statements, pages }: Cost): string {
  return `${figure(ms)} ms, ${statements.toFixed(1)} statements, ${pages.toFixed(0)} pages`;
}

function rowOf(what: string, ours: Cost, theirs: Cost): Row {
  return {
    what,
    ours: describe(ours),
    theirs: describe(theirs),
    ratio: `${figure(ours.ms / Math.max(theirs.ms, 0.01))} x`,
    goal: { text: 'as many statements', met: ours.statements <= theirs.statements + 1 },
  };
}

function present(rows: readonly Row[]): SectionResult {
  return {
    rows,
    charts: [],
    notes: [
      `A conversation of ${SIZES.full.participants.toLocaleString('en')} participants and a user in ${SIZES.full.conversations.toLocaleString('en')} conversations, beside ones of ${SMALL.participants} and ${SMALL.conversations}; one chat-service, two gateways, both sides in turn on the same servers. Medians of ${ROUNDS.full} rounds; statements and the pages that they looked at are PostgreSQL's own count, without those of background work, until 60 ms after the answer.`,
      '`inbox` rows: from the send at one gateway to the frame at a session of another user at the other gateway, which has joined nothing.',
    ],
  };
}
