/** A conversation as lines of JSON (EXP). */
import { LIMITS } from '@messagecore/protocol';
import { ExportLine, exportOperations, type Page } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf, overRest } from '../support/operations.ts';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

type Auth = TestUser['auth'];
const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}${rest}`;
const say = async (user: TestUser, cid: string, text: string, more: object = {}) =>
  (
    await must<{ seq: number }>('POST', urlOf(cid, '/messages'), {
      ...{ headers: user.auth, body: { mid: newMid(), kind: 'text', body: { text }, ...more } },
    })
  ).seq;

async function exported(auth: Auth, cid: string, limit?: number): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const args = { cid, ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
    const { status, body } = await overRest(system.api, exportOperations.exportMessages, args, auth);
    expect(status).toBe(200);
    const page = body as Page<ExportLine>;
    expect(page.items.length).toBeLessThanOrEqual(limit ?? LIMITS.exportedLines);
    lines.push(...page.items.map((line) => ExportLine.parse(line)));
    cursor = page.next;
  }
  return lines;
}

const withoutTimes = (lines: readonly ExportLine[]) =>
  lines.map((line) => ('exportedAt' in line ? { ...line, exportedAt: 0 } : line));

/** A room in which everything has happened. */
async function eventfulRoom() {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = users;
  const first = await say(ann, cid, 'one \0 "\u2028');
  const second = await say(bob, cid, 'two', { replyTo: first });
  const third = await say(bob, cid, 'secret', { threadRoot: first });
  const message = (seq: number) => urlOf(cid, `/messages/${seq}`);
  for (const text of ['one, edited', 'one, edited again'])
    await must('PATCH', message(first), { headers: ann.auth, body: { body: { text } } });
  await must('PATCH', message(third), { headers: bob.auth, body: { body: { text: 'secret still' } } });
  await must('DELETE', message(third), { headers: bob.auth });
  for (const { auth } of [ann, bob]) await must('PUT', `${message(second)}/reactions/👍`, { headers: auth });
  return { ...room, first, second, third };
}

test('[EXP-1] [EXP-3] has everything, each line once, whatever the size of the pages', async () => {
  const { cid, users, first, second, third } = await eventfulRoom();
  const { ann, bob } = users;
  const lines = await exported(ann.auth, cid, 1_000);
  const [conversation, ...rest] = lines;
  expect(conversation).toMatchObject({ v: 1, type: 'conversation', cid, kind: 'private', first: 1 });
  const of = <T extends ExportLine['type']>(type: T) =>
    rest.filter((line): line is Extract<ExportLine, { type: T }> => line.type === type);
  expect(of('participant').map(({ userId, role }) => [userId, role])).toEqual(
    [
      [ann.userId, 'owner'],
      [bob.userId, 'member'],
    ].toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
  );
  const messages = of('message').filter(({ kind }) => kind === 'text');
  expect(messages).toMatchObject([
    { seq: first, from: ann.userId, body: { text: 'one, edited again' }, edited: true },
    { seq: second, from: bob.userId, body: { text: 'two' }, replyTo: first, reactions: { '👍': 2 } },
    { seq: third, threadRoot: first, body: {}, recalled: true },
  ]);
  expect(of('edit').map(({ seq, action, by, body }) => [seq, action, by, body])).toEqual([
    [first, 'edit', ann.userId, { text: 'one \0 "\u2028' }],
    [first, 'edit', ann.userId, { text: 'one, edited' }],
    [third, 'edit', bob.userId, undefined],
    [third, 'recall', bob.userId, undefined],
  ]);
  expect(of('reaction').map(({ seq, from, emoji }) => [seq, from, emoji])).toEqual(
    [ann.userId, bob.userId].toSorted().map((from) => [second, from, '👍']),
  );
  expect(JSON.stringify(lines)).not.toContain('secret');
  for (const limit of [1, 2, 3, 5]) {
    expect(withoutTimes(await exported(ann.auth, cid, limit))).toEqual(withoutTimes(lines));
  }
});

test('[EXP-1] as lines of JSON, which lead on by a link, and as a call', async () => {
  const { cid, users } = await eventfulRoom();
  const { ann } = users;
  const lines = await exported(ann.auth, cid, 1_000);
  const read: ExportLine[] = [];
  let path: string | undefined = `/v1/conversations/${cid}/export?limit=4`;
  while (path !== undefined) {
    const answer: Response = await fetch(`${system.api}${path}`, {
      headers: { ...ann.auth, accept: 'application/x-ndjson' },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const text = await answer.text();
    // Each line ends; the last page may have none.
    expect(text === '' || text.endsWith('\n')).toBe(true);
    const texts = text.split('\n').slice(0, -1);
    read.push(...texts.map((line) => ExportLine.parse(JSON.parse(line))));
    path = /^<(?<next>[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.groups?.['next'];
  }
  expect(withoutTimes(read)).toEqual(withoutTimes(lines));
  const session = await system.connect(ann);
  const answer = await callOf(session, exportOperations.exportMessages, { cid });
  expect(answer).toMatchObject({ t: 'result', data: { items: lines.map(({ type }) => ({ type })), next: null } });
});

test('[EXP-2] owners and admins export; of a dm its back end alone; newcomers what they see', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  await say(ann, cid, 'early');
  const refused = async (auth: Auth, room = cid) => (await call('GET', urlOf(room, '/export'), { headers: auth })).body;
  expect(await refused(bob.auth)).toMatchObject({ code: 'forbidden' });
  const dm = await must<{ cid: string }>('POST', `${system.api}/v1/conversations`, {
    ...{ headers: ann.auth, body: { kind: 'dm', participants: [bob.userId] } },
  });
  expect(await refused(ann.auth, dm.cid)).toMatchObject({ code: 'forbidden' });
  expect((await exported(tenant.backEnd, dm.cid, 100))[0]).toMatchObject({ kind: 'dm' });
  expect((await exported(tenant.backEnd, cid, 100)).length).toBeGreaterThan(3);

  await must('PATCH', urlOf(cid), { headers: ann.auth, body: { history: 'since_joining' } });
  const late = await tenant.user('late');
  await must('POST', urlOf(cid, '/participants'), {
    ...{ headers: ann.auth, body: { users: [late.userId], role: 'admin' } },
  });
  const lines = JSON.stringify(await exported(late.auth, cid, 100));
  expect(lines).not.toContain('early');
  expect(JSON.stringify(await exported(ann.auth, cid, 100))).toContain('early');
});

test('[EXP-3] goes on later with what came since, and takes no cursor of its own making', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const { ann } = users;
  await say(ann, cid, 'one');
  const ask = (cursor?: string, limit = 3) =>
    overRest(
      ...([
        system.api,
        exportOperations.exportMessages,
        { cid, limit, ...(cursor !== undefined && { cursor }) },
        ann.auth,
      ] as const),
    );
  const page = (await ask()).body as Page<ExportLine>;
  const seq = await say(ann, cid, 'two');
  const rest = (await ask(page.next!, 100)).body as Page<ExportLine>;
  expect([...page.items, ...rest.items].filter((line) => line.type === 'message' && line.kind === 'text')).toHaveLength(
    2,
  );
  expect(rest.items).toMatchObject([{ type: 'message', seq }]);
  const [entry] = keysOf(page.next!);
  const wrong = [[9], [1, 'x'], [0, 'no id'], [3, 1, 2], [1, 1, 1]];
  for (const key of ['x', ...wrong, ...wrong.map((keys) => [entry, ...keys])])
    expect((await ask(cursorOf(key))).body).toMatchObject({ code: 'bad_request' });
});

const keysOf = (cursor: string) => JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [number, ...unknown[]];
const cursorOf = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString('base64url');

const seqsOf = (lines: readonly ExportLine[]) => lines.flatMap((line) => (line.type === 'message' ? [line.seq] : []));

test('[EXP-1] has every message, though a page ends long before its bytes', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  await storeTexts(users.ann, cid, 2_500, 'x'.repeat(40));
  const lines = await exported(users.ann.auth, cid);
  const [{ head }] = lines as [Extract<ExportLine, { type: 'conversation' }>];
  expect(seqsOf(lines)).toEqual(range(1, head));
});

test('[EXP-1] has every message where most were recalled, whose reactions are stored still', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  await storeTexts(users.ann, cid, 1_900, '');
  const reactions = JSON.stringify(Object.fromEntries(range(1, 1_000).map((n) => [`emoji-${n}`, 1])));
  await system.sql`
    update messages set body = '{}', recalled_at = now(), reactions = ${reactions}::text::json
    where conversation_id = ${cid} and kind = 'text'`;
  const lines = await exported(users.ann.auth, cid);
  const [{ head }] = lines as [Extract<ExportLine, { type: 'conversation' }>];
  expect(seqsOf(lines)).toEqual(range(1, head));
});

/** As if they had been sent; unannounced. */
async function storeTexts({ userId }: TestUser, cid: string, count: number, text: string): Promise<void> {
  await system.sql`
    with room as (
      update conversations set last_seq = last_seq + ${count} where conversation_id = ${cid}
      returning tenant_id, last_seq - ${count} as before
    )
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select ${cid}, before + n, tenant_id, '0' || upper(substr(md5(${cid} || n), 1, 25)), ${userId}, 'seed', 'text',
      json_build_object('text', ${text}::text), now()
    from room, generate_series(1, ${count}::int) as n`;
}

test('[EXP-3] [LAG-4] a page ends before it has too many bytes', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const { ann } = users;
  const text = '語'.repeat(LIMITS.textCodePoints);
  const seqs: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    const seq = await say(ann, cid, text);
    seqs.push(seq);
    await must('PATCH', urlOf(cid, `/messages/${seq}`), {
      headers: ann.auth,
      body: { body: { text: `${text.slice(1)}x` } },
    });
  }
  const found = { message: [] as number[], edit: [] as number[] };
  for (let cursor: string | null | undefined; cursor !== null;) {
    const args = { cid, ...(cursor !== undefined && { cursor }) };
    const { body } = await overRest(system.api, exportOperations.exportMessages, args, ann.auth);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LIMITS.pageBytes + 100_000);
    const page = body as Page<ExportLine>;
    for (const line of page.items) {
      if (line.type === 'edit') found.edit.push(line.seq);
      if (line.type === 'message' && line.kind === 'text') found.message.push(line.seq);
    }
    cursor = page.next;
  }
  expect(found).toEqual({ message: seqs, edit: seqs });
});

test('[EXP-4] the log of the tenant says who has exported what, once for each export', async () => {
  const { cid, users, tid } = await newRoom(system, 'ann');
  await say(users.ann, cid, 'one');
  await exported(users.ann.auth, cid, 1);
  const entries = await system.sql<{ action: string; actor: string; target: string }[]>`
    select action, actor, target from audit_log where tenant_id = ${tid} and action = 'export_conversation'`;
  expect(entries).toEqual([
    { action: 'export_conversation', actor: `user:${users.ann.userId}`, target: `conversation:${cid}` },
  ]);
});

test('[EXP-4] nobody goes on with an export that is not in the log: made up, of somebody else, of another room', async () => {
  const { cid, users, tenant, tid } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  await must('PATCH', urlOf(cid, `/participants/${bob.userId}`), { headers: ann.auth, body: { role: 'admin' } });
  const ask = async (auth: Auth, room: string, cursor?: string) => {
    const args = { cid: room, limit: 1, ...(cursor !== undefined && { cursor }) };
    return overRest(system.api, exportOperations.exportMessages, args, auth);
  };
  const begun = async (auth: Auth, room = cid) => ((await ask(auth, room)).body as Page<ExportLine>).next!;
  const other = await tenant.channel(ann);
  await must('PATCH', urlOf(cid), { headers: ann.auth, body: { topic: 'another entry' } });
  const own = await begun(ann.auth);
  expect((await ask(ann.auth, cid, own)).status).toBe(200);
  const entries = await system.sql<{ seq: number; action: string }[]>`
    select seq::int, action from audit_log where tenant_id = ${tid} and action <> 'export_conversation'`;
  const madeUp = [[0], [1, 0], [keysOf(own)[0] + 100, 0], ...entries.map(({ seq }) => [seq, 0])].map(cursorOf);
  for (const cursor of [...madeUp, await begun(bob.auth), await begun(tenant.backEnd), await begun(ann.auth, other)])
    expect((await ask(ann.auth, cid, cursor)).body).toMatchObject({ code: 'bad_request' });
});
