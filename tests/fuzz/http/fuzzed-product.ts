/** Two tenants that know nothing of each other, each with secrets of its own, and a third for the operator to change. */
import { forgeToken } from '../../support/tokens.ts';
import { must, newMid, TestTenant, type TestUser } from '@messagecore/testkit';

/** Who asks: the headers, and what the answer may never hold. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  readonly foreign: readonly string[];
}

interface Side {
  readonly tenant: TestTenant;
  /** In every name and text that belongs to the tenant. */
  readonly secret: string;
  /** By which the tenant knows its users. */
  readonly names: readonly string[];
}

const ROOMS = 12;

export class FuzzedProduct {
  /** What `$name` stands for in an input. */
  names: ReadonlyMap<string, string> = new Map();
  callers: ReadonlyMap<string, Caller> = new Map();
  readonly #ours: Side;
  readonly #theirs: Side;
  readonly #other: TestTenant;
  readonly #readKey: string;

  private constructor(ours: Side, theirs: Side, other: TestTenant, readKey: string) {
    this.#ours = ours;
    this.#theirs = theirs;
    this.#other = other;
    this.#readKey = readKey;
  }

  static async create(api: string, adminKey: string): Promise<FuzzedProduct> {
    const [ours, theirs, other] = await Promise.all([
      side(api, adminKey, 'ann', 'bob', 'cat'),
      side(api, adminKey, 'eve', 'mallory', 'trudy'),
      TestTenant.create(api, adminKey),
    ]);
    const { apiKey } = await must<{ apiKey: string }>('POST', `${api}/admin/v1/tenants/${ours.tenant.tenantId}/keys`, {
      headers: { 'x-admin-key': adminKey },
      body: { name: 'reader', scopes: ['conversations:read', 'messages:read', 'users:read'] },
    });
    const world = new FuzzedProduct(ours, theirs, other, apiKey);
    await world.refresh();
    return world;
  }

  /** Signs everybody in again, and makes new rooms in place of those that inputs have emptied, closed or deleted. */
  async refresh(): Promise<void> {
    const [[ann, bob, cat], [eve, mallory]] = await Promise.all([signIn(this.#ours), signIn(this.#theirs)]);
    if (!ann || !bob || !cat || !eve || !mallory) throw new Error('somebody is missing');
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
    this.callers = this.#callersOf(ann, bob, eve);
  }

  #callersOf(ann: TestUser, bob: TestUser, eve: TestUser): ReadonlyMap<string, Caller> {
    const { tenant, secret } = this.#ours;
    const foreign = [this.#theirs.secret];
    const forged = forgeToken({ sub: ann.userId, tid: tenant.tenantId, exp: 4e9 }, 'not the secret of anybody here');
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const both = [secret, this.#theirs.secret];
    return new Map<string, Caller>([
      ['ann', { headers: ann.auth, foreign }],
      ['bob', { headers: bob.auth, foreign }],
      ['backend', { headers: tenant.backEnd, foreign }],
      ['for ann', { headers: { ...tenant.backEnd, 'x-on-behalf-of': `ext:${ann.name}` }, foreign }],
      ['for eve', { headers: { ...tenant.backEnd, 'x-on-behalf-of': eve.userId }, foreign }],
      ['reader', { headers: { 'x-api-key': this.#readKey }, foreign }],
      ['eve', { headers: eve.auth, foreign: [secret] }],
      ['operator', { headers: { 'x-admin-key': this.#other.adminKey }, foreign: [] }],
      ['nobody', { headers: {}, foreign: both }],
      ['liar', { headers: bearer(forged), foreign: both }],
      ['rubbish', { headers: { ...bearer('a.b.c'), 'x-api-key': '\u00ff', 'x-admin-key': 'no' }, foreign: both }],
    ]);
  }
}

/** Users whom inputs have deactivated come back; those whom inputs have erased are new ones. */
function signIn({ tenant, names }: Side): Promise<TestUser[]> {
  return Promise.all(
    names.map(async (name) => {
      await fetch(`${tenant.api}/v1/users/${encodeURIComponent(`ext:${name}`)}`, {
        method: 'PATCH',
        headers: { ...tenant.backEnd, 'content-type': 'application/json' },
        body: JSON.stringify({ deactivated: false }),
      });
      return tenant.user(name);
    }),
  );
}

async function side(api: string, adminKey: string, ...names: string[]): Promise<Side> {
  const tenant = await TestTenant.create(api, adminKey);
  const secret = `secret-${crypto.randomUUID()}`;
  return { tenant, secret, names: names.map((name) => `${name}-${secret}`) };
}

async function room(
  { tenant, secret }: Pick<Side, 'tenant' | 'secret'>,
  kind: string,
  owner: TestUser,
  others: readonly TestUser[],
) {
  const { cid } = await must<{ cid: string }>('POST', `${tenant.api}/v1/conversations`, {
    headers: owner.auth,
    body: {
      ...{ kind, name: `room ${secret}`, topic: secret, metadata: { secret } },
      participants: others.map(({ userId }) => userId),
    },
  });
  for (let i = 0; i < 5; i += 1) {
    const body = { mid: newMid(), kind: 'text', body: { text: `${i} ${secret}` } };
    await must('POST', `${tenant.api}/v1/conversations/${cid}/messages`, { headers: owner.auth, body });
  }
  return cid;
}
