import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SUBPROTOCOLS } from '@messagecore/protocol';
import postgres from 'postgres';
import { median } from '../measure/median.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import { type Product, type StackOptions, socketUrl, startProduct } from '../stack/product.ts';
import { tokenFor } from '../stack/token.ts';
import type { OpenLoopPlan, OpenLoopResult } from '../way/open-loop.ts';
import type { WayPlan } from '../way/way-process.ts';
import type { SignInPlan, SignInResult } from './sign-ins-process.ts';

type Load = MeasuredProcess<{
  connect: (plan: WayPlan) => Promise<void>;
  run: (plan: OpenLoopPlan) => Promise<OpenLoopResult>;
}>;
type SignIns = MeasuredProcess<{
  begin: (plan: SignInPlan) => void;
  end: (nothing: undefined) => Promise<SignInResult>;
}>;

const PAIRS = 50;
const PASSWORD = 'a password of the benchmark';
/** `settleMs`: in which what has been let in when a round ends is hashed, so that it is not part of the next one. */
const SIZES = {
  full: { accounts: 1_000, rate: 1_000, seconds: 15, rounds: 5, warmUp: 8, settleMs: 8_000 },
  quick: { accounts: 20, rate: 100, seconds: 1, rounds: 1, warmUp: 0.5, settleMs: 0 },
};
const MOST = 1.5;

interface Round {
  readonly quiet: OpenLoopResult;
  readonly beside: OpenLoopResult;
  readonly signIns: SignInResult;
}

/** Everything in one process, and REST in one of its own, as it can be deployed by `ROLES`. */
const LAYOUTS: readonly Layout[] = [
  { id: 'sign-ins', title: 'the same chat-service', options: {} },
  {
    id: 'sign-ins-apart',
    title: 'a chat-service that has the role api alone',
    options: { settings: { ROLES: 'rpc,relay,workers,jobs' }, moreChatServices: [{ ROLES: 'api' }] },
  },
];

interface Layout {
  readonly id: Section['id'];
  /** Where the users sign in. */
  readonly title: string;
  readonly options: StackOptions;
}

export const signInsSections: readonly Section[] = LAYOUTS.map(({ id, title, options }) => ({
  id,
  title: `A thousand sign-ins at once beside a thousand messages a second, at ${title}`,
  run: async (context) => {
    const { accounts, rate, seconds, rounds, warmUp, settleMs } = context.quick ? SIZES.quick : SIZES.full;
    const product = await startProduct(context, options);
    const { load, signIns, plan } = await bringTogether(context, product, accounts);
    context.say('warming up');
    await load.ask('run', { rate, seconds: warmUp });
    const results: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const quiet = await load.ask('run', { rate, seconds });
      await signIns.ask('begin', plan);
      const beside = await load.ask('run', { rate, seconds });
      const done = await signIns.ask('end', undefined);
      await sleep(settleMs);
      results.push({ quiet, beside, signIns: done });
      context.say(
        `p99 ${figure(quiet.p99)} -> ${figure(beside.p99)} ms, ${done.done} signed in, ${done.putOff} put off`,
      );
    }
    return { ...present(results, { accounts, rate, title }), versions: product.versions };
  },
}));

async function bringTogether(context: BenchContext, product: Product, accounts: number) {
  const sql = postgres(product.database.url, { max: 1, onnotice: () => {} });
  context.cleanup.defer(() => sql.end());
  const { tid, users, conversations } = await populate(sql, {
    ...{ users: PAIRS * 2, conversations: PAIRS, conversationsPerUser: 1 },
  });
  const [near, far] = product.gateways.map(socketUrl);
  const address = (url: string | undefined, user: string | undefined) =>
    `${url}?token=${tokenFor(product.jwtSecret, tid, user ?? '')}`;
  const pairs = conversations.map((cid, at) => ({
    cid,
    sendAt: address(near, users[at]),
    receiveAt: address(far, users[at + PAIRS]),
  }));
  const load: Load = new MeasuredProcess('load', join(import.meta.dirname, '../way/way-process.ts'));
  context.cleanup.defer(() => load.stop());
  await load.ask('connect', { pairs, protocol: SUBPROTOCOLS.json });
  const signIns: SignIns = new MeasuredProcess('sign-ins', join(import.meta.dirname, 'sign-ins-process.ts'));
  context.cleanup.defer(() => signIns.stop());
  const { url } = product.chatServices.at(-1) ?? product.chatService;
  const plan = { url, password: PASSWORD, ...(await writeAccounts(context, sql, url, accounts)) };
  return { load, signIns, plan };
}

/** One account is made as every user makes one; the others are copies of it. */
async function writeAccounts({ say }: BenchContext, sql: postgres.Sql, url: string, count: number) {
  say(`creating ${count} accounts`);
  const { tid } = await populate(sql, { users: count, conversations: 1, conversationsPerUser: 1 });
  await sql`update tenants set settings = ${sql.json({ signUp: { mode: 'open', domains: [] } })} where id = ${tid}`;
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  await sql`
    insert into account_tokens (hash, tenant_id, purpose, email, details, expires_at)
    values (${hash}, ${tid}, 'confirm', 'first@example.com', '{"role":"member","locale":"en"}', now() + interval '1 hour')`;
  const answer = await fetch(`${url}/v1/auth/confirm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`no account: ${await answer.text()}`);
  const rows = await sql<{ email: string }[]>`
    insert into accounts (tenant_id, user_id, email, password_hash, locale)
    select ${tid}, u.id, u.id || '@example.com', a.password_hash, 'en'
    from users u, accounts a where u.tenant_id = ${tid} and a.tenant_id = ${tid} and u.id <> a.user_id
    returning email`;
  return { tenant: tid, emails: rows.map(({ email }) => email) };
}

function present(
  rounds: readonly Round[],
  { accounts, rate, title }: { readonly accounts: number; readonly rate: number; readonly title: string },
): SectionResult {
  const p = (which: 'quiet' | 'beside', name: 'p50' | 'p99') => median(rounds.map((round) => round[which][name]));
  const ratio = p('beside', 'p99') / p('quiet', 'p99');
  const missing = rounds.reduce((sum, { quiet, beside }) => sum + quiet.missing + beside.missing, 0);
  const perSecond = median(rounds.map(({ signIns: { done, seconds } }) => done / Math.max(seconds, 0.001)));
  const putOff = median(rounds.map(({ signIns }) => signIns.putOff));
  return {
    rows: [
      {
        what: `${rate.toLocaleString('en')} msg/s beside ${accounts.toLocaleString('en')} sign-ins, p99`,
        ours: `${figure(p('beside', 'p99'))} ms`,
        theirs: `without them ${figure(p('quiet', 'p99'))} ms`,
        ratio: `${figure(ratio)} x`,
        goal: { text: `<= ${MOST} x`, met: ratio <= MOST && missing === 0 },
      },
      {
        what: '  p50',
        ours: `${figure(p('beside', 'p50'))} ms`,
        theirs: `without them ${figure(p('quiet', 'p50'))} ms`,
        ratio: `${figure(p('beside', 'p50') / p('quiet', 'p50'))} x`,
      },
      {
        what: '  sign-ins a second, with what the messages leave',
        ours: `${figure(perSecond)}/s, ${figure(putOff)} put off`,
        ...{ theirs: '', ratio: '' },
      },
    ],
    charts: [],
    notes: [
      `${accounts.toLocaleString('en')} users ask to sign in at the same moment, at ${title}, and again when they are told to wait. Messages go the whole way, as above. Rounds with and without sign-ins take turns; the figures are medians over ${rounds.length}.`,
    ],
  };
}
