/** Translations by the tenant's own translator (TRANS). */
import { deferred } from '@messagecore/kernel';
import { LIMITS, RATE_PROFILES } from '@messagecore/protocol';
import type { Translation } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HookServer, startHookServer } from '../support/hook-server.ts';
import { newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

/** Of one user, in a burst. */
const BURST = 30;

let system: System;
let hooks: HookServer;
let paths = 0;

beforeAll(async () => {
  hooks = await startHookServer();
  system = await startSystem({
    limits: { ...RATE_PROFILES.load, translationsPerUser: { perSecond: 0.0001, burst: BURST } },
    chatService: { endpointExemptNetworks: ['127.0.0.1/32'] },
  });
});
afterAll(async () => {
  await system.stop();
  await hooks.stop();
});

interface Question {
  readonly text: string;
  readonly to: string;
}

/** A room whose tenant has a translator, which says in which language it was told to translate. */
async function newPlace() {
  const path = `/${(paths += 1)}`;
  const room = await newRoom(system, 'ann', 'bob');
  const body = { url: `http://127.0.0.1:${hooks.port}${path}` };
  await must('PUT', `${system.api}/v1/tenant/endpoints/translations`, { headers: room.tenant.backEnd, body });
  hooks.answer(path, ({ text, to }: Question) => ({ body: { text: `${text} (${to})`, from: 'EN' } }));
  return { ...room, path };
}

const urlOf = (cid: string, seq: number, rest = '') => `${system.api}/v1/conversations/${cid}/messages/${seq}${rest}`;
async function say(
  { users, cid }: Pick<Room<'ann'>, 'users' | 'cid'>,
  body: object,
  more: object = {},
): Promise<number> {
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  const message = { mid: newMid(), kind: 'text', body, ...more };
  return (await must<{ seq: number }>('POST', url, { headers: users.ann.auth, body: message })).seq;
}
const translate = (user: Pick<TestUser, 'auth'>, cid: string, seq: number, to: string) =>
  call<Translation & { code?: string; message?: string }>('POST', urlOf(cid, seq, '/translations'), {
    headers: user.auth,
    body: { to },
  });
const kept = async (cid: string) => {
  const rows = await system.sql<{ language: string }[]>`
    select language from message_translations where conversation_id = ${cid} order by created_at, language`;
  return rows.map(({ language }) => language);
};

test('[TRANS-1] [TRANS-3] a text is translated by the endpoint once, and then known', async () => {
  const place = await newPlace();
  const { cid, users, path, tid } = place;
  const seq = await say(place, { text: '**hi**', format: 'markdown' });
  const answer = await translate(users.bob, cid, seq, 'zh-hant-tw');
  expect(answer.body).toEqual({ cid, seq, to: 'zh-Hant-TW', from: 'en', text: '**hi** (zh-Hant-TW)' });
  expect((await translate(users.ann, cid, seq, 'ZH-hant-TW')).body).toEqual(answer.body);
  const bare = await say(place, { text: 'hi' });
  await translate(users.bob, cid, bare, 'fr');
  const told = hooks.asked(path).map(({ text }) => JSON.parse(text) as object);
  const about = { type: 'translation', tenantId: tid };
  expect(told).toEqual([
    { ...about, text: '**hi**', format: 'markdown', to: 'zh-Hant-TW' },
    { ...about, text: 'hi', format: 'plain', to: 'fr' },
  ]);
});

test('[TRANS-1] what is no language, no endpoint, and what an endpoint answers otherwise', async () => {
  const place = await newPlace();
  const { cid, users, path, tenant } = place;
  const seq = await say(place, { text: 'hi' });
  const codeOf = async (to = 'fr') => (await translate(users.bob, cid, seq, to)).body.code;
  for (const to of ['', 'f', 'fr_FR', 'en-', 'x'.repeat(36), 'fr, en'])
    expect([to, await codeOf(to)]).toEqual([to, 'bad_request']);
  const wrong = [{ status: 500 }, { status: 204 }, { body: 'bonjour' }, { body: {} }, { body: { text: '' } }];
  const more = [
    { body: { text: 'x', from: 'not a language' } },
    { body: { text: 'x'.repeat(LIMITS.translationCodePoints + 1) } },
  ];
  for (const answer of [...wrong, ...more]) {
    hooks.answer(path, () => answer);
    expect([answer, await codeOf()]).toEqual([answer, 'unavailable']);
  }
  hooks.answer(path, () => ({ status: 422 }));
  expect((await translate(users.bob, cid, seq, 'fr')).body).toMatchObject({
    code: 'bad_request',
    errors: [{ path: 'to' }],
  });
  expect(await kept(cid)).toEqual([]);
  await must('DELETE', `${system.api}/v1/tenant/endpoints/translations`, { headers: tenant.backEnd });
  expect(await codeOf()).toBe('conflict');
});

test('[TRANS-2] who may not read it gets none, of nothing that is no text or is gone', async () => {
  const [place, other] = [await newPlace(), await newPlace()];
  const { cid, users, tenant, path } = place;
  const seq = await say(place, { text: 'hi' });
  await translate(users.bob, cid, seq, 'fr');
  const stranger = await tenant.user('eve');
  const codeOf = async (user: TestUser, of = seq) => (await translate(user, cid, of, 'fr')).body.code;
  expect([await codeOf(stranger), await codeOf(other.users.bob), await codeOf(users.bob, 99)]).toEqual([
    ...['not_member', 'not_found', 'not_found'],
  ]);
  const place_ = await say(place, { lat: 1, lng: 2 }, { kind: 'location' });
  expect(await codeOf(users.bob, place_)).toBe('conflict');
  await must('DELETE', urlOf(cid, seq), { headers: users.ann.auth });
  expect(await codeOf(users.bob)).toBe('conflict');
  const passing = await say(place, { text: 'soon gone' }, { expiresIn: 3_600 });
  await system.sql`update messages set expires_at = now() where conversation_id = ${cid} and seq = ${passing}`;
  expect(await codeOf(users.bob, passing)).toBe('conflict');
  expect(hooks.asked(path)).toHaveLength(1);
});

test('[TRANS-3] those who ask at the same time share a request; of many languages the newest are kept', async () => {
  const place = await newPlace();
  const { cid, users, path } = place;
  const seq = await say(place, { text: 'hi' });
  const open = deferred();
  hooks.answer(path, async ({ text, to }: Question) => {
    await open.promise;
    return { body: { text: `${text} (${to})` } };
  });
  const asked = [users.ann, users.bob, users.ann, users.bob].map((user) => translate(user, cid, seq, 'fr'));
  await hooks.next(path);
  open.resolve();
  const texts = (await Promise.all(asked)).map(({ body }) => body.text);
  expect([new Set(texts), hooks.asked(path).length]).toEqual([new Set(['hi (fr)']), 1]);
  const languages = range(1, LIMITS.translationsPerMessage).map((n) => `de-x-${n}`);
  for (const to of languages) expect((await translate(users.bob, cid, seq, to)).status).toBe(200);
  expect((await kept(cid)).toSorted()).toEqual(languages.toSorted());
});

test('[TRANS-4] an edit, a recall and the end of its time take translations away, a reaction does not', async () => {
  const place = await newPlace();
  const { cid, users, path } = place;
  const [edited, recalled, passing] = [
    await say(place, { text: 'one' }),
    await say(place, { text: 'two' }),
    await say(place, { text: 'three' }, { expiresIn: 3_600 }),
  ];
  for (const seq of [edited, recalled, passing]) await translate(users.bob, cid, seq, 'fr');
  await must('PUT', urlOf(cid, edited, `/reactions/${encodeURIComponent('👍')}`), { headers: users.bob.auth });
  expect(await kept(cid)).toHaveLength(3);
  await must('PATCH', urlOf(cid, edited), { headers: users.ann.auth, body: { body: { text: 'uno' } } });
  expect((await translate(users.bob, cid, edited, 'fr')).body.text).toBe('uno (fr)');
  await must('DELETE', urlOf(cid, recalled), { headers: users.ann.auth });
  await system.sql`update messages set expires_at = now() where conversation_id = ${cid} and seq = ${passing}`;
  await expect.poll(() => kept(cid), { timeout: 60_000 }).toHaveLength(1);
  expect(hooks.asked(path)).toHaveLength(4);
});

test('[TRANS-4] what is changed or recalled while it is translated is not kept', async () => {
  const place = await newPlace();
  const { cid, users, path } = place;
  const change = {
    edit: (seq: number) => must('PATCH', urlOf(cid, seq), { headers: users.ann.auth, body: { body: { text: 'new' } } }),
    recall: (seq: number) => must('DELETE', urlOf(cid, seq), { headers: users.ann.auth }),
  };
  for (const deed of ['edit', 'recall'] as const) {
    const seq = await say(place, { text: deed });
    hooks.answer(path, async ({ text }: Question) => {
      await change[deed](seq);
      return { body: { text: `${text} of before` } };
    });
    expect((await translate(users.bob, cid, seq, 'fr')).body.text).toBe(`${deed} of before`);
  }
  expect(await kept(cid)).toEqual([]);
});

test('[TRANS-5] one user asks the endpoint so often; what is kept costs nothing of it', async () => {
  const place = await newPlace();
  const { cid, users, path } = place;
  const seqs = [];
  for (const n of range(0, BURST)) seqs.push(await say(place, { text: `${n}` }));
  for (const seq of seqs.slice(1)) expect((await translate(users.bob, cid, seq, 'fr')).status).toBe(200);
  const refused = await translate(users.bob, cid, seqs[0]!, 'fr');
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  expect((await translate(users.bob, cid, seqs[1]!, 'fr')).status).toBe(200);
  expect((await translate(users.ann, cid, seqs[0]!, 'fr')).status).toBe(200);
  expect(hooks.asked(path)).toHaveLength(BURST + 1);
});

test('[ENDP-4] a translator that never answers keeps nobody of another tenant waiting, over REST and in calls', async () => {
  const [stuck, other] = [await newPlace(), await newPlace()];
  const seq = await say(stuck, { text: 'hi' });
  hooks.answer(stuck.path, () => undefined);
  const sessions = await Promise.all([system.connect(stuck.users.ann), system.connect(stuck.users.bob)]);
  for (const [n, session] of sessions.entries())
    for (const m of range(1, LIMITS.callsInFlight)) {
      const args = { cid: stuck.cid, seq, to: `de-x-${n}-${m}` };
      session.sendFrame({ t: 'call', op: 'messages.translate', ref: `${m}`, args });
    }
  await hooks.next(stuck.path, 8);

  const theirs = await say(other, { text: 'hi' });
  const ann = await system.connect(other.users.ann);
  for (const m of range(1, LIMITS.callsInFlight)) {
    const args = { cid: other.cid, seq: theirs, to: `fr-x-${m}` };
    ann.sendFrame({ t: 'call', op: 'messages.translate', ref: `${m}`, args });
    expect(await ann.record.next('result', { ref: `${m}` })).toMatchObject({ data: { text: `hi (fr-x-${m})` } });
  }
  expect((await translate(other.users.bob, other.cid, theirs, 'es')).status).toBe(200);
});
