import postgres, { type Sql } from 'postgres';
import { type LatencySummary, LatencyRecorder } from '../measure/latency.ts';
import { figure } from '../report/svg.ts';
import type { Row, Section, SectionResult } from '../section.ts';
import { type Population, populate } from '../stack/population.ts';
import { startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';

const LONG = { full: 1_000_000, quick: 5_000 };
const SHORT = 1_000;
const ROUNDS = { full: 400, quick: 5 };
const WARM_UP = 20;
/** Of the slower to the faster. */
const MOST = 1.5;
/** When the first message was sent; then one a second. */
const BEGIN_MS = 1_700_000_000_000;
/** Messages in one statement. */
const SLICE = 100_000;
const TEXT =
  'a text of the length that people write to each other, some of them longer than that, most of them shorter';

export const historySection: Section = {
  id: 'history',
  title: 'History: a page of a conversation, at any depth',
  run: async (context) => {
    const product = await startProduct(context);
    const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
    context.cleanup.defer(() => sql.end());
    const size = context.quick ? 'quick' : 'full';
    context.say(`writing ${LONG[size]} messages`);
    const people = await populate(sql, { users: 2, conversations: 2, conversationsPerUser: 2 });
    const [long, short] = [await talk(sql, people, 0, LONG[size]), await talk(sql, people, 1, SHORT)];
    await sql`vacuum analyze`;
    const headers = { authorization: `Bearer ${tokenFor(product.jwtSecret, people.tid, people.users[0] ?? '')}` };
    const ask = async (cid: string, query: string) => {
      const url = `${product.chatService.url}/v1/conversations/${cid}/messages?limit=50&${query}`;
      const answer = await fetch(url, { headers });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${url}: ${text}`);
      if (!text.includes('"seq":')) throw new Error(`${url}: an empty page`);
    };
    const felt = await inTurns([long, short], ask, ROUNDS[size]);
    for (const { what, ours, theirs } of felt) context.say(`${what}: ${latency(ours)}, of ${SHORT} ${latency(theirs)}`);
    return { ...present(felt, ROUNDS[size]), versions: product.versions };
  },
};

interface Talk {
  readonly cid: string;
  readonly messages: number;
}

/** Written straight into the tables: by sends it would take an hour. */
async function talk(sql: Sql, { tid, users, conversations }: Population, n: number, messages: number): Promise<Talk> {
  const [cid = '', [first = '', second = '']] = [conversations[n], users];
  for (let from = 1; from <= messages; from += SLICE) {
    await sql`
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
      select ${cid}, seq, ${tid}, lpad(seq::text, 26, '0'), case seq % 2 when 0 then ${first}::uuid else ${second}::uuid end,
        'bench', 'text', json_build_object('text', left(${TEXT}::text, 20 + (seq % 80)::int)),
        to_timestamp(${BEGIN_MS / 1_000} + seq)
      from generate_series(${from}::bigint, ${Math.min(messages, from + SLICE - 1)}::bigint) seq`;
  }
  await sql`update conversations set last_seq = ${messages} where conversation_id = ${cid}`;
  return { cid, messages };
}

interface Asked {
  readonly what: string;
  /** Of a conversation of so many messages, `part` of the way through it. */
  readonly query: (messages: number, part: number) => string;
}

const ASKED: readonly Asked[] = [
  { what: 'the newest page', query: () => '' },
  { what: '`around` the middle', query: (messages, part) => `around=${Math.ceil(messages * (0.25 + part / 2))}` },
  { what: 'the oldest page', query: () => 'after=0' },
  { what: 'jump to a date', query: (messages, part) => `at=${BEGIN_MS + Math.floor(messages * part) * 1_000}` },
];

interface Felt {
  readonly what: string;
  readonly ours: LatencySummary;
  readonly theirs: LatencySummary;
}

/** Every page of both conversations in each round, each time at another place. */
async function inTurns(
  talks: readonly [Talk, Talk],
  ask: (cid: string, query: string) => Promise<void>,
  rounds: number,
): Promise<Felt[]> {
  const recorders = ASKED.map(() => talks.map(() => new LatencyRecorder()));
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // Spread evenly, and never the place of the round before.
    const part = (((round + WARM_UP) * GOLDEN) % 1) * 0.9;
    for (const [n, { query }] of ASKED.entries()) {
      for (const [side, { cid, messages }] of talks.entries()) {
        const startedAt = performance.now();
        await ask(cid, query(messages, part));
        if (round >= 0) recorders[n]?.[side]?.record(performance.now() - startedAt);
      }
    }
  }
  return ASKED.map(({ what }, n) => {
    const [ours, theirs] = (recorders[n] ?? []).map((recorder) => recorder.summary());
    return { what, ours: ours ?? NONE, theirs: theirs ?? NONE };
  });
}

const GOLDEN = 0.618_033_988_75;
const NONE: LatencySummary = { count: 0, p50: 0, p99: 0, max: 0 };
const latency = ({ p50, p99 }: LatencySummary) => `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`;

function present(felt: readonly Felt[], rounds: number): SectionResult {
  const fastest = Math.min(...felt.map(({ ours }) => ours.p50));
  const rows = felt.map(({ what, ours, theirs }): Row => {
    const [toShort, toOthers] = [ours.p50 / Math.max(theirs.p50, 0.01), ours.p50 / Math.max(fastest, 0.01)];
    return {
      what,
      ours: latency(ours),
      theirs: latency(theirs),
      ratio: `${figure(toShort)} x, ${figure(toOthers)} x the fastest of these`,
      goal: { text: `p50 <= ${MOST} x both`, met: toShort <= MOST && toOthers <= MOST },
    };
  });
  return {
    rows,
    charts: [],
    notes: [
      `Pages of 50 messages over REST, of a conversation of ${LONG.full.toLocaleString('en')} messages beside one of ${SHORT.toLocaleString('en')}, one request at a time, all kinds of pages of both in turn in ${rounds} rounds; those in the middle and of a date at another place each time.`,
    ],
  };
}
