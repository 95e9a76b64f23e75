import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { type SeededMessage, seedMessages } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const COUNT = 537;

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let cid: string;
let stored: SeededMessage[];

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  alice = await tenant.user('alice');
  cid = (await alice.post('/v1/conversations', { kind: 'private', name: 'H' })).body.cid;
  const sql = house.sql();
  // Every fifth is a text that a careless hand would change on the way.
  const strange = ['\u0000', '\\u0000', '"\n\u2028\u2029', '\ud800 alone', '👩‍👩‍👧 e\u0301 \ufeff'];
  stored = await seedMessages(sql, { tid: tenant.tid, cid, uid: alice.uid }, COUNT, (seq) =>
    seq % 5 === 0 ? (strange[(seq / 5) % strange.length] ?? '') : `message ${seq}`,
  );
  await sql.end();
});
afterAll(() => house.stop());

interface Item extends SeededMessage {
  readonly body: { readonly text: string };
}
const read = async (query: string): Promise<Item[]> =>
  (await alice.get(`/v1/conversations/${cid}/messages?${query}`)).body.items;
const seqs = async (query: string) => (await read(query)).map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('[HTTP-2] [MSG-2] history', () => {
  test('pages backwards and forwards give what is stored, each once, in order, byte for byte', async () => {
    const expected = stored.map(({ seq, text }) => ({ seq, text }));
    const plain = (items: Item[]) => items.map(({ seq, body }) => ({ seq, text: body.text }));

    const backwards: Item[] = [];
    for (
      let page = await read('limit=97');
      page.length > 0;
      page = await read(`limit=97&before=${backwards[0]!.seq}`)
    ) {
      backwards.unshift(...page);
    }
    expect(plain(backwards)).toEqual(expected);

    const forwards: Item[] = [];
    for (let page = await read('limit=200&after=0'); page.length > 0;) {
      forwards.push(...page);
      page = await read(`limit=200&after=${forwards.at(-1)!.seq}`);
    }
    expect(plain(forwards)).toEqual(expected);
  });

  test('around includes its seq in the middle; before and after exclude theirs', async () => {
    expect(await seqs('around=100&limit=5')).toEqual(range(98, 102));
    expect(await seqs('around=100&limit=4')).toEqual(range(98, 101));
    expect(await seqs('around=100&limit=1')).toEqual([100]);
    expect(await seqs('around=1&limit=5')).toEqual([1, 2, 3]);
    expect(await seqs(`around=${COUNT}&limit=5`)).toEqual(range(COUNT - 2, COUNT));
    expect(await seqs('before=5')).toEqual([1, 2, 3, 4]);
    expect(await seqs('before=1')).toEqual([]);
    expect(await seqs(`after=${COUNT - 2}`)).toEqual([COUNT - 1, COUNT]);
    expect(await seqs(`after=${COUNT + 100}`)).toEqual([]);
    expect(await seqs('')).toEqual(range(COUNT - 49, COUNT));
  });

  test('the page tells where the conversation stands', async () => {
    const { body } = await alice.get(`/v1/conversations/${cid}/messages?limit=1`);
    expect(body).toMatchObject({ head: COUNT, rev: 0, first: 1, epoch: 0 });
    expect((await alice.get(`/v1/conversations/${cid}/changes?after=0`)).body).toEqual({
      items: [],
      rev: 0,
      more: false,
    });
  });

  test.each(['limit=0', 'limit=201', 'limit=x', 'before=0', 'after=-1', 'around=1.5', 'before=', 'after=1&after=2'])(
    '?%s is refused by name',
    async (query) => {
      const { status, body } = await alice.get(`/v1/conversations/${cid}/messages?${query}`);
      expect([status, body.code, body.errors[0].path]).toEqual([400, 'bad_request', query.split('=', 1)[0]]);
    },
  );

  test('two directions at once, and a bad rev, are refused', async () => {
    expect((await alice.get(`/v1/conversations/${cid}/messages?before=5&after=1`)).status).toBe(400);
    expect((await alice.get(`/v1/conversations/${cid}/changes?after=-1`)).status).toBe(400);
  });

  test('[TEN-3] participants only; of another tenant, not found', async () => {
    const bob = await tenant.user('bob');
    const stranger = await (await createTestTenant(house)).user('stranger');
    for (const path of ['messages', 'changes']) {
      expect((await bob.get(`/v1/conversations/${cid}/${path}`)).body.code).toBe('not_member');
      expect((await stranger.get(`/v1/conversations/${cid}/${path}`)).body.code).toBe('not_found');
    }
  });
});
