/** Two tenants that know nothing of each other, each with secrets of its own, and a third for the operator to change. */
import { forgeToken } from '../../support/tokens.ts';
import { callOk, newMid, TestTenant, type TestUser } from '@messagecore/testkit';

/** Who asks: the headers, and what the answer may never hold. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  readonly foreign: readonly string[];
}

interface Side {
  readonly tenant: TestTenant;
  /** In every name and text that belongs to the tenant. */
  readonly secret: string;
  readonly users: readonly TestUser[];
}

const ROOMS = 12;

export class FuzzedProduct {
  readonly callers: ReadonlyMap<string, Caller>;
  /** What `$name` stands for in an input. */
  names: ReadonlyMap<string, string> = new Map();
  readonly #ours: Side;
  readonly #theirs: Side;
  readonly #other: TestTenant;

  private constructor(ours: Side, theirs: Side, other: TestTenant, keys: { read: string }) {
    this.#ours = ours;
    this.#theirs = theirs;
    this.#other = other;
    const [ann, bob] = ours.users as [TestUser, TestUser];
    const [eve] = theirs.users as [TestUser];
    const foreign = [theirs.secret];
    const forged = forgeToken(
      { sub: ann.userId, tid: ours.tenant.tenantId, exp: 4e9 },
      'not the secret of anybody here',
    );
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const both = [ours.secret, theirs.secret];
    this.callers = new Map<string, Caller>([
      ['ann', { headers: ann.auth, foreign }],
      ['bob', { headers: bob.auth, foreign }],
      ['backend', { headers: ours.tenant.backEnd, foreign }],
      ['for ann', { headers: { ...ours.tenant.backEnd, 'x-on-behalf-of': `ext:${ann.name}` }, foreign }],
      ['for eve', { headers: { ...ours.tenant.backEnd, 'x-on-behalf-of': eve.userId }, foreign }],
      ['reader', { headers: { 'x-api-key': keys.read }, foreign }],
      ['eve', { headers: eve.auth, foreign: [ours.secret] }],
      ['operator', { headers: { 'x-admin-key': other.adminKey }, foreign: [] }],
      ['nobody', { headers: {}, foreign: both }],
      ['liar', { headers: bearer(forged), foreign: both }],
      ['rubbish', { headers: { ...bearer('a.b.c'), 'x-api-key': '\u00ff', 'x-admin-key': 'no' }, foreign: both }],
    ]);
  }

  static async create(api: string, adminKey: string): Promise<FuzzedProduct> {
    const [ours, theirs, other] = await Promise.all([
      side(api, adminKey, 'ann', 'bob', 'cat'),
      side(api, adminKey, 'eve', 'mallory', 'trudy'),
      TestTenant.create(api, adminKey),
    ]);
    const keys = await callOk<{ apiKey: string }>('POST', `${api}/admin/v1/tenants/${ours.tenant.tenantId}/keys`, {
      headers: { 'x-admin-key': adminKey },
      body: { name: 'reader', scopes: ['read'] },
    });
    const world = new FuzzedProduct(ours, theirs, other, { read: keys.apiKey });
    await world.refresh();
    return world;
  }

  /** New rooms in place of those that inputs have emptied, closed or deleted. */
  async refresh(): Promise<void> {
    const [ann, bob, cat] = this.#ours.users as [TestUser, TestUser, TestUser];
    const [eve, mallory] = this.#theirs.users as [TestUser, TestUser];
    const rooms = await Promise.all(
      Array.from({ length: ROOMS }, (_, at) => room(this.#ours, at % 3 === 0 ? 'public' : 'private', ann, [bob])),
    );
    const foreign = await room(this.#theirs, 'public', eve, [mallory]);
    this.names = new Map([
      ...rooms.map((cid, at) => [`$room${at}`, cid] as const),
      ['$foreign', foreign],
      ['$ann', ann.userId],
      ['$bob', bob.userId],
      ['$cat', cat.userId],
      ['$eve', eve.userId],
      ['$tenant', this.#other.tenantId],
    ]);
  }
}

async function side(api: string, adminKey: string, ...names: string[]): Promise<Side> {
  const tenant = await TestTenant.create(api, adminKey);
  const secret = `secret-${crypto.randomUUID()}`;
  return { tenant, secret, users: await tenant.users(...names.map((name) => `${name}-${secret}`)) };
}

async function room({ tenant, secret }: Side, kind: string, owner: TestUser, others: readonly TestUser[]) {
  const { cid } = await callOk<{ cid: string }>('POST', `${tenant.api}/v1/conversations`, {
    headers: owner.auth,
    body: {
      ...{ kind, name: `room ${secret}`, topic: secret, metadata: { secret } },
      participants: others.map(({ userId }) => userId),
    },
  });
  for (let i = 0; i < 5; i += 1) {
    const body = { mid: newMid(), kind: 'text', body: { text: `${i} ${secret}` } };
    await callOk('POST', `${tenant.api}/v1/conversations/${cid}/messages`, { headers: owner.auth, body });
  }
  return cid;
}
