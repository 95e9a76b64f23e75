/** Cards, what is done with them, and what is answered (CARD). */
import { randomUUID } from 'node:crypto';
import { HEADERS, LIMITS } from '@messagecore/protocol';
import { type CardAction, cardOperations as operations, type Page } from '@messagecore/protocol/features';
import { call, must, type RawClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const CARD = {
  title: 'Lunch',
  elements: [
    { type: 'button', id: 'yes', label: 'Yes', value: '1', submits: true },
    { type: 'select', id: 'dish', label: 'Dish', options: [{ value: 'rice', label: 'Rice' }], required: true },
    { type: 'input', id: 'note', label: 'Note', maxLength: 5 },
  ],
};
const PRESS = { action: 'yes', inputs: { dish: 'rice' } };

interface Refused {
  readonly code?: string;
  readonly errors?: readonly { readonly path: string }[];
}
type Headers = Readonly<Record<string, string>>;
const sendCard = (client: RawClient, cid: string) => client.sayAndWait(cid, '', { kind: 'card', body: CARD });

const act = (
  headers: Headers,
  cid: string,
  seq: number,
  body: object = PRESS,
  key: string = randomUUID(),
  api = system.api,
) =>
  call<CardAction & Refused>('POST', `${api}/v1/conversations/${cid}/messages/${seq}/actions`, {
    headers: { ...headers, [HEADERS.idempotencyKey]: key },
    body,
  });
const answer = (headers: Headers, { cid, actionId }: Pick<CardAction, 'cid' | 'actionId'>, body: object) =>
  call<CardAction & Refused>('POST', `${system.api}/v1/conversations/${cid}/card-actions/${actionId}/answer`, {
    headers,
    body,
  });
const HOUR_MS = 3_600_000;
/** Moves an action by so much; returns it as it is then. */
async function move(action: CardAction, ms: number): Promise<CardAction> {
  await system.sql`
    update card_actions set created_at = created_at + ${ms} * interval '1 millisecond' where action_id = ${action.actionId}`;
  return { ...action, at: action.at + ms, until: action.until + ms };
}
/** Gives an hour more for the answer: the real three seconds may be over before a busy machine has got to it. */
const holdOpen = (action: CardAction) => move(action, HOUR_MS);
const release = (action: CardAction) => move(action, -HOUR_MS);
const actions = (user: Pick<TestUser, 'auth'>, query = '') =>
  must<Page<CardAction>>('GET', `${system.api}/v1/card-actions${query}`, { headers: user.auth });
const told = (client: RawClient, event: 'card.action' | 'card.answered') =>
  client.record.of('event', { event }).map(({ data }) => data as CardAction);
async function nextOf(client: RawClient, event: 'card.action' | 'card.answered'): Promise<CardAction> {
  return (await client.record.next('event', { event })).data as CardAction;
}

test('[CARD-1] [CARD-4] an action reaches the owner, and the answer whoever acted, with the card as it is then', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await sendCard(ann, cid);
  const done = await callOf(bob, operations.actOnCard, { cid, seq, idempotencyKey: 'one', ...PRESS });
  const asked = await nextOf(ann, 'card.action');
  const action = await holdOpen(asked);
  expect(done).toMatchObject({ t: 'result', data: asked });
  expect(action).toMatchObject({ cid, seq, from: users.bob.userId, action: 'yes', value: '1', state: 'waiting' });
  expect([action.inputs, action.text, action.until - action.at]).toEqual([{ dish: 'rice' }, null, LIMITS.cardAnswerMs]);

  const body = { title: 'Rice is on its way' };
  const answered = await callOf(ann, operations.answerCard, {
    cid,
    actionId: action.actionId,
    ok: true,
    text: 'Thanks',
    body,
  });
  expect(answered).toMatchObject({ t: 'result', data: { ...action, state: 'ok', text: 'Thanks' } });
  expect(await nextOf(bob, 'card.answered')).toEqual({ ...action, state: 'ok', text: 'Thanks' });
  expect(await bob.record.next('update', { cid, seq })).toMatchObject({ body, rev: 1, edited: true });
  const again = await answer(users.ann.auth, action, { ok: true, text: 'Thanks', body });
  expect([again.status, again.body.state]).toEqual([200, 'ok']);
  expect((await answer(users.ann.auth, action, { ok: false })).body.code).toBe('conflict');
  expect((await act(users.bob.auth, cid, seq)).body).toMatchObject({ errors: [{ path: 'action' }] });
  await ann.settle();
  expect(ann.record.of('update', { cid })).toHaveLength(1);
  expect([told(ann, 'card.action').length, told(bob, 'card.answered').length]).toEqual([1, 1]);
});

test('[CARD-3] of twenty identical presses at once, over two chat-services, the owner is told of one', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann } = await joinAll(system, room);
  const seq = await sendCard(ann, cid);
  const apis = system.chatServices.map(({ url }) => url);
  const press = (n: number) => act(users.bob.auth, cid, seq, PRESS, 'pressed', apis[n % apis.length]);
  const pressed = await Promise.all(range(1, 20).map(press));
  expect(pressed.map(({ status }) => status).toSorted()).toEqual([...range(1, 19).map(() => 200), 201]);
  expect(new Set(pressed.map(({ body }) => body.actionId)).size).toBe(1);
  await nextOf(ann, 'card.action');
  const other = await act(users.bob.auth, cid, seq, { ...PRESS, inputs: { dish: 'rice', note: 'x' } }, 'pressed');
  expect([other.status, other.body.code]).toEqual([409, 'conflict']);
  const mine = await act(users.ann.auth, cid, seq, PRESS, 'pressed');
  expect(mine.status).toBe(201);
  await ann.record.until('the other action', () => told(ann, 'card.action').length === 2);
  await ann.settle();
  expect(told(ann, 'card.action').map(({ from }) => from)).toEqual([users.bob.userId, users.ann.userId]);
  expect((await actions(users.ann)).items).toHaveLength(2);
});

test(
  '[CARD-5] without an answer in time whoever acted is told, and a later answer changes nothing',
  { timeout: 180_000 },
  async () => {
    const room = await newRoom(system, 'ann', 'bob');
    const { cid, users } = room;
    const { ann, bob } = await joinAll(system, room);
    const seq = await sendCard(ann, cid);
    const { body: action } = await act(users.bob.auth, cid, seq, PRESS, 'late');
    expect(await nextOf(bob, 'card.answered')).toEqual({ ...action, state: 'timeout' });
    const late = await answer(users.ann.auth, action, { ok: true, body: { title: 'changed' } });
    expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    expect((await act(users.bob.auth, cid, seq, PRESS, 'late')).body).toEqual({ ...action, state: 'timeout' });
    for (const client of [ann, bob]) await client.settle();
    expect([ann.record.of('update', { cid }), told(bob, 'card.answered').length]).toEqual([[], 1]);
    expect((await actions(users.ann)).items).toEqual([{ ...action, state: 'timeout' }]);
    expect((await actions(users.ann, '?waiting=true')).items).toEqual([]);
  },
);

test('[CARD-5] an answer in time is not followed by another', { timeout: 180_000 }, async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await sendCard(ann, cid);
  const first = await holdOpen((await act(users.bob.auth, cid, seq)).body);
  expect((await answer(users.ann.auth, first, { ok: false, text: 'sold out' })).body.state).toBe('error');
  await release(first);
  const { body: second } = await act(users.bob.auth, cid, seq);
  await bob.record.until('the second one to be over', () => told(bob, 'card.answered').length === 2);
  expect(told(bob, 'card.answered').map(({ actionId, state }) => [actionId, state])).toEqual([
    [first.actionId, 'error'],
    [second.actionId, 'timeout'],
  ]);
});

test('[CARD-2] only what the card offers is taken, of those who may see it, as long as it stands', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { tenant, cid, users } = room;
  const ann = await system.connect(users.ann);
  const seq = await sendCard(ann, cid);
  const { body } = await act(users.bob.auth, cid, seq, {
    action: 'yes',
    value: '2',
    inputs: { note: 'too long', none: 'x' },
  });
  expect(body.code).toBe('bad_request');
  expect((body.errors ?? []).map(({ path }) => path)).toEqual(['value', 'inputs.note', 'inputs.none', 'inputs.dish']);
  expect((await act(users.bob.auth, cid, seq, { action: 'no' })).body).toMatchObject({ errors: [{ path: 'action' }] });
  const large = {
    action: 'note',
    value: 'x',
    inputs: Object.fromEntries(range(1, 20).map((n) => [`i${n}`, 'x'.repeat(3_000)])),
  };
  expect((await act(users.bob.auth, cid, seq, large)).body.code).toBe('too_large');
  const dan = await tenant.user('dan');
  expect((await act(dan.auth, cid, seq)).body.code).toBe('not_member');
  expect((await act(users.bob.auth, cid, seq + 1)).body.code).toBe('not_found');
  const words = await ann.sayAndWait(cid, 'no card');
  expect((await act(users.bob.auth, cid, words)).body.code).toBe('conflict');
  await must('DELETE', `${system.api}/v1/conversations/${cid}/messages/${seq}`, { headers: users.ann.auth });
  expect((await act(users.bob.auth, cid, seq)).body.code).toBe('conflict');
});

test('[CARD-2] readers of a channel in which only admins post use cards, the muted do not', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const seq = await sendCard(ann, cid);
  const url = `${system.api}/v1/conversations/${cid}`;
  await must('PATCH', url, { headers: users.ann.auth, body: { posting: 'admins' } });
  expect((await act(users.bob.auth, cid, seq)).status).toBe(201);
  const mute = { headers: users.ann.auth, body: { mutedUntil: Date.now() + 3_600_000 } };
  await must('PATCH', `${url}/participants/${users.bob.userId}`, mute);
  expect((await act(users.bob.auth, cid, seq)).body.code).toBe('muted');
});

test('[CARD-4] the owner alone answers, as long as it takes part; a back end may be the owner', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob', 'eve');
  const bot = { ...tenant.backEnd, [HEADERS.onBehalfOf]: users.bob.userId };
  const sent = await must<{ seq: number }>('POST', `${system.api}/v1/conversations/${cid}/messages`, {
    headers: bot,
    body: { mid: '01BX5ZZKBKACTAV9WEVGEMMVRZ', kind: 'card', body: CARD },
  });
  const ann = await system.connect(users.ann);
  const action = await holdOpen((await act(users.ann.auth, cid, sent.seq)).body);
  for (const other of [users.ann, users.eve]) {
    expect((await answer(other.auth, action, { ok: true })).body.code).toBe('not_found');
    expect((await actions(other)).items).toEqual([]);
  }
  const waiting = await must<Page<CardAction>>('GET', `${system.api}/v1/card-actions?waiting=true`, { headers: bot });
  expect(waiting.items).toEqual([action]);
  expect((await answer(bot, action, { ok: true, body: { title: '' } })).body.code).toBe('bad_request');
  expect((await answer(bot, action, { ok: true, text: 'done' })).body.state).toBe('ok');
  expect(await nextOf(ann, 'card.answered')).toEqual({ ...action, state: 'ok', text: 'done' });
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  expect((await act(users.ann.auth, cid, sent.seq)).body.code).toBe('conflict');
  expect((await answer(bot, action, { ok: true })).body.code).toBe('not_member');
  expect((await actions(users.bob)).items).toEqual([]);
});

test('[CARD-4] of different answers at once the card and whoever acted get the same one', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await sendCard(ann, cid);
  const action = await holdOpen((await act(users.bob.auth, cid, seq)).body);
  const answers = range(1, 4).map((n) => ({ ok: true, text: `${n}`, body: { title: `Title ${n}` } }));
  const answered = await Promise.all(answers.map((each) => answer(users.ann.auth, action, each)));
  const won = answered.flatMap(({ status }, n) => (status === 200 ? [answers[n]!] : []));
  expect(won).toHaveLength(1);
  expect(answered.filter(({ body }) => body.code === 'conflict')).toHaveLength(answers.length - 1);
  expect((await nextOf(bob, 'card.answered')).text).toBe(won[0]!.text);
  await bob.settle();
  expect(bob.record.of('update', { cid }).map(({ body }) => body)).toEqual([won[0]!.body]);
  expect((await answer(users.ann.auth, action, won[0]!)).status).toBe(200);
  const other = await answer(users.ann.auth, action, { ...won[0]!, body: { title: 'Another' } });
  expect(other.body.code).toBe('conflict');
});

test('[CARD-3] what people type comes to the owner as it was typed, NUL and half a character too', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const seq = await sendCard(ann, cid);
  for (const value of ['a\0b', '\ud83d', '😀']) {
    const done = await act(users.bob.auth, cid, seq, { action: 'note', value, inputs: { note: value } });
    expect([done.status, done.body.value, done.body.inputs]).toEqual([201, value, { note: value }]);
    const action = await holdOpen(done.body);
    expect((await answer(users.ann.auth, action, { ok: true })).body).toMatchObject({ value, state: 'ok' });
  }
  expect((await actions(users.ann)).items.map(({ value }) => value)).toEqual(['😀', '\ud83d', 'a\0b']);
});

test('[CARD-6] what was done is listed, the latest first, in pages that end at their bytes', async () => {
  const { cid, tid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const seq = await sendCard(ann, cid);
  await system.sql`
    insert into card_actions (conversation_id, action_id, tenant_id, seq, actor_id, owner_id, request_key, request_hash,
      element, given, state, created_at)
    select ${cid}, gen_random_uuid(), ${tid}, ${seq}, ${users.bob.userId}, ${users.ann.userId}, n::text, 'hash', 'note',
      json_build_object('value', repeat('x', 20000), 'inputs', '{}'::json), 'timeout', now() - n / 2 * interval '1 minute'
    from generate_series(1, 150) n`;
  const seen: CardAction[] = [];
  let pages = 0;
  for (let cursor: string | null = ''; cursor !== null; pages += 1) {
    const page: Page<CardAction> = await actions(users.ann, `?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 1_024);
    seen.push(...page.items);
    cursor = page.next;
  }
  expect(pages).toBeGreaterThan(2);
  expect(new Set(seen.map(({ actionId }) => actionId)).size).toBe(150);
  expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).toSorted((a, b) => b - a));
});
