/** Who calls an endpoint about an action, when, and who does when a process dies (CARD-8). */
import { randomUUID } from 'node:crypto';
import { deferred } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndpointRequest } from '../src/core/endpoints/endpoints.ts';
import { callBack, callBackLater } from '../src/features/cards/call-back.job.ts';
import { type CallBackDeps, createCallBacks } from '../src/features/cards/call-back.ts';
import type { OutboundAnswer } from '../src/platform/outbound/outbound.ts';
import { createDatabase, createRoom, createTenant, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const sql = () => database.store.sql;

/** An action that can be answered for an hour. */
async function newAction() {
  const tid = await createTenant(database.store);
  const { cid, users } = await createRoom(database.store, { tid });
  const uid = users[0]!;
  const actionId = randomUUID();
  await sql()`
    insert into card_actions (conversation_id, action_id, tenant_id, seq, actor_id, owner_id, request_key, request_hash,
      element, given, state, created_at)
    values (${cid}, ${actionId}, ${tid}, 1, ${uid}, ${uid}, 'key', 'hash', 'yes', '{"value":null,"inputs":{}}', 'waiting',
      now() + interval '1 hour')`;
  return { tid, cid, uid, actionId };
}

type Action = Awaited<ReturnType<typeof newAction>>;

const DONE: OutboundAnswer = { status: 200, headers: {}, body: Buffer.from('{"text":"Thanks"}') };
const FAILED: OutboundAnswer = { status: 500, headers: {}, body: Buffer.from('') };

/** A process, with what it asks an endpoint that answers so. */
function process_(
  answer: () => Promise<OutboundAnswer>,
  changeMessages: CallBackDeps['changeMessages'] = async () => [],
) {
  const asked: EndpointRequest[] = [];
  const deps: CallBackDeps = {
    sql: sql(),
    publishEvents: () => {},
    changeMessages,
    postSigned: async (request) => {
      asked.push(request);
      return answer();
    },
    log: { info: () => {}, warn: () => {} },
  };
  return { asked, ...createCallBacks(deps) };
}

const stateOf = async ({ actionId }: Action) => {
  const [row] = await sql()<{ state: string; held: boolean; over: boolean }[]>`
    select state, coalesce(call_until > clock_timestamp(), false) as held, coalesce(call_until = 'infinity', false) as over
    from card_actions where action_id = ${actionId}`;
  return row;
};
/** Its process died, or has not got to it for long. */
const letGo = ({ actionId }: Action) =>
  sql()`update card_actions set call_until = now() - interval '1 second' where action_id = ${actionId}`;
/** The job about it, as far as it is due at any time. */
const jobs = ({ actionId }: Action) => sql()`select from jobs where payload ->> 'actionId' = ${actionId}`;

function runJob(caller: Parameters<typeof callBack>[0], action: Action) {
  const { effect, run } = callBack(caller);
  const { tid, cid, actionId } = action;
  const job = { id: 1, kind: '', tid, payload: { cid, actionId }, attempt: 1, lease: '1' };
  return effect!(sql(), job).then((called) => sql().begin(async (tx) => void (await run!(tx, job, called))));
}

test('[CARD-8] while a process calls nobody else does, and what it held it holds on', async () => {
  const [action, answer] = [await newAction(), deferred<OutboundAnswer>()];
  const [one, other] = [process_(() => answer.promise), process_(async () => DONE)];
  const called = one.call(action);
  await expect.poll(() => one.asked.length).toBe(1);
  expect(one.asked[0]).toMatchObject({
    use: 'cards',
    body: { owner: action.uid, action: { actionId: action.actionId } },
  });
  await sql()`update card_actions set call_until = clock_timestamp() - interval '1 ms' where action_id = ${action.actionId}`;
  await one.holding.step(new AbortController().signal);
  expect(await stateOf(action)).toMatchObject({ held: true, over: false });
  await sql()`update card_actions set call_until = now() + interval '1 hour' where action_id = ${action.actionId}`;
  expect(await other.call(action)).toBe(false);
  await runJob(other, action);
  expect(await jobs(action)).toHaveLength(1);
  answer.resolve(DONE);
  expect(await called).toBe(true);
  expect([other.asked, await stateOf(action)]).toMatchObject([[], { state: 'ok' }]);
  await one.holding.step(new AbortController().signal);
  expect(await other.call(action)).toBe(false);
});

test('[CARD-8] when the process has died, the job calls with the same action', async () => {
  const action = await newAction();
  const [dead, other] = [process_(() => deferred<OutboundAnswer>().promise), process_(async () => DONE)];
  void dead.call(action);
  await expect.poll(() => dead.asked.length).toBe(1);
  await letGo(action);
  await runJob(other, action);
  expect(other.asked[0]?.body).toEqual(dead.asked[0]?.body);
  expect([await stateOf(action), await jobs(action)]).toMatchObject([{ state: 'ok' }, []]);
});

test('[CARD-8] when it died before it called, too', async () => {
  const [action, other] = [await newAction(), process_(async () => DONE)];
  await sql().begin(async (tx) => void (await callBackLater(tx, action.tid, action)));
  expect(await jobs(action)).toHaveLength(1);
  await runJob(other, action);
  expect([other.asked.length, await stateOf(action)]).toMatchObject([1, { state: 'ok' }]);
});

test('[CARD-8] a call that ended without an answer is not repeated, nor is one begun too late', async () => {
  const [action, late] = [await newAction(), await newAction()];
  const [one, other] = [process_(async () => FAILED), process_(async () => DONE)];
  expect(await one.call(action)).toBe(true);
  expect(await stateOf(action)).toMatchObject({ state: 'waiting', over: true });
  await sql()`update card_actions set created_at = now() - interval '1 minute' where action_id = ${late.actionId}`;
  for (const each of [action, late]) {
    await runJob(other, each);
    expect([other.asked, await jobs(each)]).toMatchObject([[], []]);
  }
  expect((await stateOf(action))?.state).toBe('waiting');
});

test('[CARD-8] a process that is stopped waits for the calls that it has begun', async () => {
  const [action, answer] = [await newAction(), deferred<OutboundAnswer>()];
  const one = process_(() => answer.promise);
  one.begin(action);
  await expect.poll(() => one.asked.length).toBe(1);
  let isSettled = false;
  const settled = one.settle().then(() => (isSettled = true));
  // As long as the stopping process needs to hold what it calls about.
  await one.holding.step(new AbortController().signal);
  expect(isSettled).toBe(false);
  answer.resolve(DONE);
  await settled;
  expect((await stateOf(action))?.state).toBe('ok');
});

test('[CARD-7] an answer that cannot be stored for a moment is stored after it, without asking again', async () => {
  const action = await newAction();
  let tries = 0;
  const one = process_(
    async () => ({ ...DONE, body: Buffer.from('{"body":{"title":"Done"}}') }),
    async () => [++tries === 1 ? new ChatError('unavailable') : { rev: 1 }],
  );
  expect(await one.call(action)).toBe(true);
  expect([tries, one.asked.length, await stateOf(action)]).toMatchObject([2, 1, { state: 'ok' }]);
});
