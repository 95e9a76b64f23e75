/** Cards whose actions go to the tenant's own server, which answers for their owner (CARD-7). */
import { randomUUID } from 'node:crypto';
import { HEADERS } from '@messagecore/protocol';
import type { CardAction } from '@messagecore/protocol/features';
import { must, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HookAnswer, type HookServer, startHookServer } from '../support/hook-server.ts';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let hooks: HookServer;

beforeAll(async () => {
  hooks = await startHookServer();
  system = await startSystem({ chatService: { endpointExemptNetworks: ['127.0.0.1/32'] } });
});
afterAll(async () => {
  await system.stop();
  await hooks.stop();
});

const CARD = { title: 'Lunch', elements: [{ type: 'button', id: 'yes', label: 'Yes', value: '1' }] };

interface Told {
  readonly type: string;
  readonly tenantId: string;
  readonly owner: string;
  readonly action: CardAction;
}

/** A card of ann's that bob may use, and the tenant's endpoint. */
async function newCard(path: string, url = `http://127.0.0.1:${hooks.port}${path}`) {
  const room = await newRoom(system, 'ann', 'bob');
  const { tenant, cid, users } = room;
  const endpoint = `${system.api}/v1/tenant/endpoints/cards`;
  await must('PUT', endpoint, { headers: tenant.backEnd, body: { url } });
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, '', { kind: 'card', body: CARD });
  const press = () =>
    must<CardAction>('POST', `${system.api}/v1/conversations/${cid}/messages/${seq}/actions`, {
      headers: { ...users.bob.auth, [HEADERS.idempotencyKey]: randomUUID() },
      body: { action: 'yes' },
    });
  return { ...room, ann, bob, seq, press };
}

type Card = Awaited<ReturnType<typeof newCard>>;

async function outcomeOf(bob: RawClient, { actionId }: CardAction): Promise<CardAction> {
  const isIt = ({ data }: { readonly data?: unknown }) => (data as CardAction).actionId === actionId;
  await bob.record.until('the outcome', () => bob.record.of('event', { event: 'card.answered' }).some(isIt));
  return bob.record.of('event', { event: 'card.answered' }).find(isIt)?.data as CardAction;
}

/** Presses until an answer was in time: on a busy machine three seconds may be over before anybody has come to it. */
async function answered({ press, bob }: Card): Promise<CardAction> {
  for (let n = 1; ; n += 1) {
    const outcome = await outcomeOf(bob, await press());
    if (outcome.state !== 'timeout' || n === 8) return outcome;
  }
}

test(
  '[CARD-7] an action is told to the endpoint, whose answer is the owner’s, and changes the card',
  { timeout: 180_000 },
  async () => {
    const path = '/answers';
    const card = await newCard(path);
    const { ann, bob, cid, seq, users, tid } = card;
    hooks.answer(path, () => ({ body: { text: 'Thanks', body: { title: 'Rice' } } }));
    const outcome = await answered(card);
    expect(outcome).toMatchObject({ state: 'ok', text: 'Thanks', from: users.bob.userId });
    const told = hooks.asked(path).map(({ text }) => JSON.parse(text) as Told);
    const mine = told.filter(({ action }) => action.actionId === outcome.actionId);
    expect(mine).toEqual([
      {
        ...{ type: 'card.action', tenantId: tid, owner: users.ann.userId },
        action: { ...outcome, state: 'waiting', text: null },
      },
    ]);
    expect(await bob.record.next('update', { cid, seq })).toMatchObject({ body: { title: 'Rice' }, edited: true });
    expect(ann.record.of('event', { event: 'card.action' }).map(({ data }) => (data as CardAction).actionId)).toContain(
      outcome.actionId,
    );
  },
);

test.each<[string, HookAnswer, Partial<CardAction>]>([
  ['200 without a body', { body: '' }, { state: 'ok', text: null }],
  ['204', { status: 204 }, { state: 'ok', text: null }],
  ['an empty object', { body: {} }, { state: 'ok', text: null }],
  ['that it failed', { body: { ok: false, text: 'sold out' } }, { state: 'error', text: 'sold out' }],
])('[CARD-7] the answer may be %s', { timeout: 180_000 }, async (name, answer, outcome) => {
  const path = `/${encodeURIComponent(name)}`;
  const card = await newCard(path);
  hooks.answer(path, () => answer);
  expect(await answered(card)).toMatchObject(outcome);
  expect(card.bob.record.of('update', { cid: card.cid })).toEqual([]);
});

const NO_ANSWERS: readonly (HookAnswer | 'drop')[] = [
  { status: 202, body: {} },
  { status: 500, body: {} },
  { body: 'fine' },
  { body: '[]' },
  { body: { ok: 'yes' } },
  { body: { body: { title: '' } } },
  { body: { text: 'x', more: 'x'.repeat(300_000) } },
  'drop',
];

test('[CARD-7] [CARD-8] another status, what is no answer and no card, too much: nothing is answered, and it comes once', async () => {
  const outcomes = NO_ANSWERS.map(async (answer, n) => {
    const path = `/wrong-${n}`;
    const { bob, cid, press } = await newCard(path);
    hooks.answer(path, () => answer);
    const action = await press();
    expect(await outcomeOf(bob, action)).toEqual({ ...action, state: 'timeout' });
    expect([answer, bob.record.of('update', { cid }), hooks.asked(path).length]).toEqual([answer, [], 1]);
  });
  await Promise.all(outcomes);
}, 180_000);

test(
  '[CARD-7] a slow endpoint and a private address answer nothing, and the owner still may',
  { timeout: 180_000 },
  async () => {
    const slow = await newCard('/slow');
    const inside = await newCard('/inside', `http://127.0.0.2:${hooks.port}/inside`);
    for (const { press, bob } of [slow, inside]) {
      const action = await press();
      expect(await outcomeOf(bob, action)).toEqual({ ...action, state: 'timeout' });
    }
    expect(hooks.asked('/inside')).toEqual([]);
    const { press, bob, cid, users } = inside;
    for (let n = 1; ; n += 1) {
      const { actionId } = await press();
      const url = `${system.api}/v1/conversations/${cid}/card-actions/${actionId}/answer`;
      const answer = await fetch(url, {
        ...{ method: 'POST', headers: { ...users.ann.auth, 'content-type': 'application/json' }, body: '{"ok":true}' },
      });
      if (answer.status === 200 || n === 8) {
        expect((await outcomeOf(bob, { actionId } as CardAction)).state).toBe('ok');
        return;
      }
    }
  },
);

test('[CARD-7] the actions of a tenant without an endpoint are told to nobody', async () => {
  const card = await newCard('/removed');
  await must('DELETE', `${system.api}/v1/tenant/endpoints/cards`, { headers: card.tenant.backEnd });
  const action = await card.press();
  expect(await outcomeOf(card.bob, action)).toMatchObject({ state: 'timeout' });
  expect(hooks.asked('/removed')).toEqual([]);
  const jobs = await system.sql`select from jobs where tenant_id = ${card.tid} and kind like 'call back%'`;
  expect(jobs).toHaveLength(0);
});
